// node scripts/precompiled-powershell.mjs: makes PowerShell for this Linux, and prints its folder.
//
// PowerShell's official archives have native code; the package that the .NET SDK installs has none, and compiles itself at each start,
// which takes three times as long. This adds it, by the compiler that Microsoft uses, and keeps the result in the cache folder.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.mjs';
import { installNugetPackages, versionOf } from './nuget-packages.mjs';
import { putInPlace } from './put-in-place.mjs';
import { frameworkFolders } from './wine/dotnet.mjs';

const COMPILER = 'Microsoft.NETCore.App.Crossgen2.linux-x64';
/** Of each system the folder in the package, and where the DLLs are that these are compiled against. */
const TARGETS = {
  linux: { part: 'unix', references: () => [installedRuntime()] },
  windows: { part: 'win', references: () => frameworkFolders(['Microsoft.NETCore.App', 'Microsoft.WindowsDesktop.App']) },
};
/** What a session runs. The rest of the package is as it was. */
const COMPILED = [
  'System.Management.Automation', 'Microsoft.PowerShell.ConsoleHost', 'pwsh', 'Microsoft.PowerShell.Commands.Utility', 'Microsoft.PowerShell.Commands.Management',
  'Microsoft.PowerShell.Security', 'Newtonsoft.Json', 'Microsoft.ApplicationInsights', 'Microsoft.CodeAnalysis', 'Microsoft.CodeAnalysis.CSharp',
];

/**
 * @param os 'linux' or 'windows'
 * @returns the folder with pwsh, made if it is not there yet; throws one sentence that says why it cannot be
 */
export async function precompiledPowerShell(os) {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(`PowerShell is precompiled on Linux on x64 only, and this is ${process.platform} on ${process.arch}`);
  const target = cacheFolder(`powershell-${versionOf('PowerShell')}-${os}-by-crossgen2-${versionOf(COMPILER)}`);
  if (existsSync(target)) return target;
  const source = packagedPowerShell(os);
  const compiler = join(installNugetPackages([COMPILER])[COMPILER], 'tools', 'crossgen2');

  mkdirSync(dirname(target), { recursive: true });
  // It is whole, or not there; another process may make it too.
  const made = mkdtempSync(`${target}-`);
  try {
    cpSync(source, made, { recursive: true });
    const known = [...TARGETS[os].references(), source].flatMap((folder) => ['--reference', join(folder, '*.dll')]);
    for (const name of COMPILED) {
      await promisify(execFile)(compiler, [join(source, `${name}.dll`), '--out', join(made, `${name}.dll`), ...known, '--targetos', os, '--targetarch', 'x64', '-O'])
        .catch(({ message, stdout }) => { throw new Error(`crossgen2 could not compile ${name}.dll: ${message.trim()} ${(stdout ?? '').slice(-1000)}`); });
    }
    putInPlace(made, target);
    return target;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The same folder as the package has it, without native code. */
export function packagedPowerShell(os) {
  const tools = join(installNugetPackages(['PowerShell']).PowerShell, 'tools');
  const [tfm] = readdirSync(tools).filter((name) => name.startsWith('net'));
  return join(tools, tfm, 'any', TARGETS[os].part);
}

/** The newest runtime of the .NET that is on PATH. */
function installedRuntime() {
  const lines = execFileSync('dotnet', ['--list-runtimes'], { encoding: 'utf8' }).split('\n');
  const [, version, folder] = lines.map((line) => /^Microsoft\.NETCore\.App (10\.\S+) \[(.*)\]$/.exec(line)).filter(Boolean).at(-1) ?? [];
  if (version === undefined) throw new Error('there is no runtime of .NET 10');
  return join(folder, version);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await precompiledPowerShell('linux'));
  } catch (error) {
    console.error(`PowerShell is not precompiled: ${error.message}`);
    process.exitCode = 1;
  }
}
