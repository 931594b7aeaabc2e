// npm run test:framework [-- [--summary <file>]]: compares the types and members of .NET that the scripts use with those of .NET Framework 4.7.2
// and Windows PowerShell 5.1, by their reference assemblies. A test is one use. What a script does only in the other edition is not asked for.
//
// It needs PowerShell 7 and, the first time, the .NET SDK, which gets the assemblies from NuGet. The last line counts the tests;
// --summary writes the counts to a file, for .ci/run. Exit codes: 0 all passed, 1 some failed, 77 skipped because one is missing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { countComparisons, reportRows, skipRing } from './counts.mjs';
import { findPowerShell } from './find-powershell.mjs';
import { judgePlanted, plantedScript } from './framework/faults.mjs';
import { installNugetPackages, versionOf } from './nuget-packages.mjs';

const RING = '.NET Framework';
// The loader is one that every PowerShell 7 in use can load.
const [FRAMEWORK, AUTOMATION, LOADER] = ['Microsoft.NETFramework.ReferenceAssemblies.net472', 'PowerShellStandard.Library', 'System.Reflection.MetadataLoadContext'];
const root = fileURLToPath(new URL('..', import.meta.url));
const { values: { summary } } = readArguments(import.meta.url, { options: { summary: { type: 'string' } } });

const powershell = findPowerShell();
process.exitCode = powershell === null || basename(powershell).startsWith('powershell') ? skip('there is no PowerShell 7') : test();

function test() {
  let packages;
  try {
    packages = installNugetPackages([FRAMEWORK, AUTOMATION, LOADER]);
  } catch (error) {
    return skip(error.message);
  }
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-framework-'));
  try {
    const planted = join(folder, 'planted.ps1');
    writeFileSync(planted, plantedScript());
    const uses = readUses(packages, planted);
    const isPlanted = ({ file }) => file.endsWith('planted.ps1');
    const rows = [
      count(uses.filter((use) => !isPlanted(use)), `.NET Framework 4.7.2, ${AUTOMATION} ${versionOf(AUTOMATION)}`),
      count(judgePlanted(uses.filter(isPlanted)), 'planted faults'),
    ];
    return reportRows(rows, summary) === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** [{ kind, name, file, line, faults: [message] }] */
function readUses(packages, planted) {
  const { stdout, stderr, status } = spawnSync(powershell, ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', join(root, 'scripts', 'framework', 'read.ps1'),
    '-Root', root, '-Planted', planted,
    '-Loader', join(packages[LOADER], 'lib', 'netstandard2.0', 'System.Reflection.MetadataLoadContext.dll'),
    '-Assemblies', join(packages[FRAMEWORK], 'build', '.NETFramework', 'v4.7.2'),
    '-Automation', join(packages[AUTOMATION], 'lib', 'net452', 'System.Management.Automation.dll')], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`the scripts could not be read: ${stderr}`);
  return JSON.parse(stdout);
}

function count(uses, on) {
  const comparisons = uses.map(({ kind, name, file, line, faults }) => ({ title: `${file}:${line}: ${kind} ${name}`, faults }));
  // A reader that finds nothing to ask for reads nothing.
  return countComparisons(RING, on, comparisons.length > 0 ? comparisons : [{ title: 'uses of .NET', faults: ['none was found'] }]);
}

function skip(reason) {
  return skipRing({ ring: RING, what: 'the scripts were not compared with .NET Framework', reason, titles: ['the uses of .NET'], summary });
}
