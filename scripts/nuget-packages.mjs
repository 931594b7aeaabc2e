// Packages of NuGet that only tests need, in a cache outside the tree. The .NET SDK gets them from the source that this
// machine is set up with; their content is checked against nuget-packages.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';

const pinned = JSON.parse(readFileSync(new URL('nuget-packages.json', import.meta.url), 'utf8'));

/**
 * Gets packages, unless they are there.
 *
 * @param names keys of nuget-packages.json
 * @param cache the folder that they are in, or come to
 * @returns the folder of each unpacked package, by its name; throws one sentence that says what is missing
 */
export function installNugetPackages(names, cache = cacheFolder('nuget')) {
  const folders = Object.fromEntries(names.map((name) => [name, join(cache, name.toLowerCase(), pinned[name].version)]));
  const missing = names.filter((name) => !existsSync(hashFile(folders[name], name)));
  if (missing.length > 0) download(missing, cache);
  for (const name of names) {
    // NuGet writes the hash of what it has unpacked beside it.
    const hash = readFileSync(hashFile(folders[name], name), 'utf8').trim();
    if (hash !== pinned[name].sha512) throw new Error(`the package ${name} ${pinned[name].version} in ${cache} is not the one of nuget-packages.json: its SHA-512 is ${hash}`);
  }
  return folders;
}

/** The version of a package that nuget-packages.json names. */
export function versionOf(name) {
  return pinned[name].version;
}

function hashFile(folder, name) {
  return join(folder, `${name.toLowerCase()}.${pinned[name].version}.nupkg.sha512`);
}

function download(names, cache) {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-nuget-'));
  try {
    const items = names.map((name) => `<PackageDownload Include="${name}" Version="[${pinned[name].version}]" />`).join('');
    writeFileSync(join(folder, 'packages.csproj'),
      `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup><ItemGroup>${items}</ItemGroup></Project>`);
    const { status, error, stdout, stderr } = spawnSync('dotnet', ['restore', '--packages', cache], { cwd: folder, encoding: 'utf8' });
    if (error) throw new Error('the .NET SDK is not installed');
    if (status !== 0) throw new Error(`NuGet could not get ${names.join(', ')}: ${stdout.trim().split('\n').find((line) => line.includes('error')) ?? (stdout + stderr).trim()}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
