// What the tests of edge-js need under Wine: the runtime, and in the cache what only Linux can fetch and compile.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { projects, publishAssembly } from '../edge/assemblies.mjs';
import { installEdgeJs, orNotInstalled } from '../edge/edge-js.mjs';
import { dotnetEnvironment, layOutDotnet } from './dotnet.mjs';

/** Node.js with .NET in it: Wine's own mscoree must be there. */
export const edgeEnvironment = { ...dotnetEnvironment, WINEDLLOVERRIDES: 'mshtml=;winemenubuilder.exe=d' };

/** Makes them in the prefix; throws NotInstalled with one sentence that says what is missing. */
export function prepareEdge(wine) {
  const edgeJs = installEdgeJs('win32');
  const made = [dirname(dirname(edgeJs)), ...Object.keys(projects).map((name) => publishAssembly(name, edgeJs))];

  const dotnet = join(wine.driveC, 'Program Files', 'dotnet');
  orNotInstalled(() => layOutDotnet(dotnet, ['Microsoft.NETCore.App']));
  // edge-js looks for the program, and takes the folder.
  writeFileSync(join(dotnet, 'dotnet.exe'), '');

  const [user] = readdirSync(join(wine.driveC, 'users')).filter((name) => name !== 'Public');
  const cache = join(wine.driveC, 'users', user, 'AppData', 'Local', 'port-reservation');
  mkdirSync(cache, { recursive: true });
  for (const folder of made) symlinkSync(folder, join(cache, basename(folder)));
}
