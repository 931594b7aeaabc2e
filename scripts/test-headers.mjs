// npm run test:headers [-- [--summary <file>]]: compares what src and the simulator say about Windows with Microsoft's own headers
// and import libraries, for x64 and ARM64. A test is one declaration: a function, a structure, a constant, an export, a source.
//
// It needs clang and, the first time, the .NET SDK, which gets the Windows SDK from NuGet. The last line counts the tests;
// --summary writes the counts to a file, for .ci/run. Exit codes: 0 all passed, 1 some failed, 77 skipped because one is missing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { countComparisons, reportRows, skipRing } from './counts.mjs';
import { checkProject } from './headers/check.mjs';
import { clangVersion } from './headers/clang.mjs';
import { judgeFaults, plantFaults } from './headers/faults.mjs';
import { ARCHITECTURES, hasWindowsSdk, installWindowsSdk } from './headers/sdk.mjs';

const RING = 'Windows headers';
/** Each must be there, in src and in the simulator, or they are not read as they should be. */
const KINDS = ['function', 'structure', 'constant', 'import', ...['function', 'structure', 'type', 'enumerator', 'macro'].map((kind) => `simulator's ${kind}`), 'export', 'source'];
const root = fileURLToPath(new URL('..', import.meta.url));
const { values: { summary } } = readArguments(import.meta.url, { options: { summary: { type: 'string' } } });

const clang = await clangVersion();
const missing = [...clang === null ? ['clang'] : [], ...hasWindowsSdk() || hasDotnet() ? [] : ['the .NET SDK']];
process.exitCode = missing.length > 0 ? skip(`install ${missing.join(' and ')}`) : await test();

async function test() {
  const sdk = installWindowsSdk();
  const rows = [];
  for (const architecture of ARCHITECTURES) {
    const results = await checkProject(sdk, architecture, root);
    const kinds = new Set(results.map(({ declaration: { kind, simulator } }) => (simulator ? `simulator's ${kind}` : kind)));
    for (const kind of KINDS.filter((name) => !kinds.has(name))) results.push({ declaration: { kind, name: 'any', file: 'scripts/headers', line: 1 }, faults: [`no ${kind} was found to check`] });
    rows.push(count(results, `${architecture.name}, Windows SDK ${sdk.version}, clang ${clang}`));
  }
  rows.push(count(await testPlanted(sdk), 'planted faults'));
  return reportRows(rows, summary) === 0 ? 0 : 1;
}

/** On one processor: the checks are the same on the other. */
async function testPlanted(sdk) {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-headers-'));
  try {
    plantFaults(root, folder);
    return judgeFaults(await checkProject(sdk, ARCHITECTURES[0], folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(results, on) {
  return countComparisons(RING, on, results.map(({ declaration: { kind, name, file, line }, faults }) => ({ title: `${file}:${line}: ${kind} ${name}`, faults })));
}

function hasDotnet() {
  return spawnSync('dotnet', ['--version'], { stdio: 'ignore' }).status === 0;
}

function skip(reason) {
  return skipRing({ ring: RING, what: 'the headers of Windows were not read', reason, titles: ARCHITECTURES.map(({ name }) => name), summary });
}
