// Assemblies for edge-js, compiled by the .NET SDK into the cache, once for each state of their sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../cache-folder.mjs';
import { putInPlace } from '../put-in-place.mjs';
import { edgeJsVersion, NotInstalled } from './edge-js.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(root, 'examples', '06-dotnet-server');

/** The project of the example, and that of the tests, which refers to its EdgeJs.csproj. */
export const projects = { EchoServer: EXAMPLE, Oracle: join(root, 'test', 'edge', 'oracle') };

/**
 * Publishes a project, unless that is done.
 *
 * @param name a key of `projects`, and of its assembly
 * @param edgeJs the folder of the package edge-js
 * @returns the folder with its assembly, as useCoreClr takes it; throws NotInstalled with one sentence that says what is missing
 */
export function publishAssembly(name, edgeJs) {
  const hash = createHash('sha256').update(edgeJsVersion);
  for (const file of [...sourcesOf(projects[name]), ...sourcesOf(join(EXAMPLE, 'edge-js'))]) hash.update(readFileSync(file));
  const folder = cacheFolder(`clr-${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;

  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}-`);
  try {
    const { error, status, stdout } = spawnSync('dotnet', ['publish', projects[name], '--disable-build-servers', '--nologo', '--output', join(aside, 'clr'),
      '--artifacts-path', join(aside, 'artifacts'), `-p:EdgeJsPackage=${edgeJs}`],
    { encoding: 'utf8', env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', DOTNET_CLI_UI_LANGUAGE: 'en' } });
    if (error) throw new NotInstalled('the .NET SDK is not installed');
    if (status !== 0) {
      const said = stdout.split('\n').find((line) => line.includes('error'))?.trim() ?? stdout;
      // A package that NuGet cannot get, or an SDK that is too old for the project, is no fault of the sources.
      throw new (/error (NU1[13]|NU1801|NETSDK1045)/.test(said) ? NotInstalled : Error)(`${name} could not be compiled: ${said}`);
    }
    putInPlace(join(aside, 'clr'), folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

function sourcesOf(folder) {
  return readdirSync(folder).filter((name) => /\.(cs|csproj|json)$/.test(name)).sort().map((name) => join(folder, name));
}
