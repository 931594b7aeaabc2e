// PowerShell for Windows under Wine: the official build and .NET's runtime, from NuGet, as an installed .NET lays them out.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installNugetPackages } from '../nuget-packages.mjs';
import { windowsPath } from './prefix.mjs';

const RUNTIMES = { 'Microsoft.NETCore.App': 'Microsoft.NETCore.App.Runtime.win-x64', 'Microsoft.WindowsDesktop.App': 'Microsoft.WindowsDesktop.App.Runtime.win-x64' };

/**
 * Makes a program for Linux that starts pwsh.exe in the prefix and takes its arguments.
 *
 * @param folder an empty folder, in which all of it is made
 * @returns the path of the program, and the version of PowerShell
 */
export function makePowerShell(folder, wine) {
  const packages = installNugetPackages(['PowerShell', ...Object.values(RUNTIMES)]);
  const dotnet = join(folder, 'dotnet');
  for (const [framework, name] of Object.entries(RUNTIMES)) {
    const [version] = packages[name].split('/').slice(-1);
    const runtime = join(packages[name], 'runtimes', 'win-x64');
    const target = join(dotnet, 'shared', framework, version);
    const [tfm] = readdirSync(join(runtime, 'lib'));
    linkFiles([join(runtime, 'lib', tfm), join(runtime, 'native')], target);
    if (framework === 'Microsoft.NETCore.App') {
      const resolver = join(dotnet, 'host', 'fxr', version);
      mkdirSync(resolver, { recursive: true });
      symlinkSync(join(runtime, 'native', 'hostfxr.dll'), join(resolver, 'hostfxr.dll'));
    }
  }

  // Without a terminal Wine gives a program no console, and pwsh.exe then prints nothing: the launcher helps it.
  const launcher = join(folder, 'launcher.exe');
  const compiled = spawnSync('x86_64-w64-mingw32-gcc',
    ['-municode', '-O1', '-Wall', '-Wextra', '-Werror', fileURLToPath(new URL('launcher.c', import.meta.url)), '-o', launcher], { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(`the launcher for pwsh.exe does not compile:\n${compiled.stderr}`);

  const tools = join(packages.PowerShell, 'tools');
  const [tfm] = readdirSync(tools).filter((name) => name.startsWith('net'));
  const environment = {
    ...wine.environment, DOTNET_ROOT: windowsPath(dotnet),
    // Under Wine .NET crashes when it frees compiled code, unless memory may be written and executed at once.
    DOTNET_EnableWriteXorExecute: '0', POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off',
  };
  const program = join(folder, 'pwsh');
  const command = ['env', '-i', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    'wine', launcher, windowsPath(join(tools, tfm, 'any', 'win', 'pwsh.exe'))];
  writeFileSync(program, `#!/bin/sh\nexec ${command.map(quote).join(' ')} "$@"\n`);
  chmodSync(program, 0o755);
  return { program, version: packages.PowerShell.split('/').at(-1) };
}

function linkFiles(folders, target) {
  mkdirSync(target, { recursive: true });
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isFile()) symlinkSync(join(folder, entry.name), join(target, entry.name));
  }
}

function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
