// PowerShell for Windows under Wine: the official build and .NET's runtime, from NuGet, as an installed .NET lays them out.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionOf } from '../nuget-packages.mjs';
import { packagedPowerShell, precompiledPowerShell } from '../precompiled-powershell.mjs';
import { dotnetEnvironment, layOutDotnet } from './dotnet.mjs';
import { windowsPath } from './prefix.mjs';

/**
 * Makes a program for Linux that starts pwsh.exe in the prefix and takes its arguments.
 *
 * @param folder an empty folder, in which all of it is made
 * @returns the path of the program, and the version of PowerShell; throws one sentence that says what is missing
 */
export async function makePowerShell(folder, wine) {
  const powershell = await precompiledPowerShell('windows').catch(({ message }) => {
    console.log(`*** PowerShell is not precompiled, and takes longer: ${message} ***`);
    return packagedPowerShell('windows');
  });
  const dotnet = join(folder, 'dotnet');
  layOutDotnet(dotnet, ['Microsoft.NETCore.App', 'Microsoft.WindowsDesktop.App']);

  // Without a terminal Wine gives a program no console, and pwsh.exe then prints nothing: the launcher helps it.
  const launcher = join(folder, 'launcher.exe');
  const compiled = spawnSync('x86_64-w64-mingw32-gcc',
    ['-municode', '-O1', '-Wall', '-Wextra', '-Werror', fileURLToPath(new URL('launcher.c', import.meta.url)), '-o', launcher], { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(`the launcher for pwsh.exe does not compile:\n${compiled.stderr}`);

  const environment = {
    ...wine.environment, DOTNET_ROOT: windowsPath(dotnet),
    ...dotnetEnvironment, POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off',
  };
  const program = join(folder, 'pwsh');
  const command = ['env', '-i', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...wine.command, launcher, windowsPath(join(powershell, 'pwsh.exe'))];
  writeFileSync(program, `#!/bin/sh\nexec ${command.map(quote).join(' ')} "$@"\n`);
  chmodSync(program, 0o755);
  return { program, version: versionOf('PowerShell') };
}

function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
