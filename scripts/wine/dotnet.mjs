// .NET's runtime for Windows, from NuGet, as an installed .NET lays it out.
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { installNugetPackages } from '../nuget-packages.mjs';

/** The packages of the frameworks. */
const RUNTIMES = { 'Microsoft.NETCore.App': 'Microsoft.NETCore.App.Runtime.win-x64', 'Microsoft.WindowsDesktop.App': 'Microsoft.WindowsDesktop.App.Runtime.win-x64' };

/** Under Wine .NET crashes when it frees compiled code, unless memory may be written and executed at once. */
export const dotnetEnvironment = { DOTNET_EnableWriteXorExecute: '0' };

/** Lays frameworks out in a folder, which is made; throws one sentence that says what is missing. */
export function layOutDotnet(folder, frameworks) {
  for (const [framework, { version, managed, native }] of unpack(frameworks)) {
    linkFiles([managed, native], join(folder, 'shared', framework, version));
    if (framework !== 'Microsoft.NETCore.App') continue;
    const resolver = join(folder, 'host', 'fxr', version);
    mkdirSync(resolver, { recursive: true });
    symlinkSync(join(native, 'hostfxr.dll'), join(resolver, 'hostfxr.dll'));
  }
}

/** The folders with the managed DLLs of frameworks, to compile against; throws as above. */
export function frameworkFolders(frameworks) {
  return unpack(frameworks).map(([, { managed }]) => managed);
}

function unpack(frameworks) {
  const packages = installNugetPackages(frameworks.map((framework) => RUNTIMES[framework]));
  return frameworks.map((framework) => {
    const unpacked = packages[RUNTIMES[framework]];
    const runtime = join(unpacked, 'runtimes', 'win-x64');
    const [tfm] = readdirSync(join(runtime, 'lib'));
    return [framework, { version: basename(unpacked), managed: join(runtime, 'lib', tfm), native: join(runtime, 'native') }];
  });
}

function linkFiles(folders, target) {
  mkdirSync(target, { recursive: true });
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isFile()) symlinkSync(join(folder, entry.name), join(target, entry.name));
  }
}
