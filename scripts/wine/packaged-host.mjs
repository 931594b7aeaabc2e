// The package alone: its node.exe runs its host.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordCodeCachesByWine } from '../package/code-cache.mjs';
import { readModuleManifest } from '../package/module-manifest.mjs';
import { windowsPath } from './prefix.mjs';

const REQUESTS = [
  { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1 } },
  { jsonrpc: '2.0', id: 2, method: 'reservation.create', params: { kind: 'persistent', protocols: ['tcp'], startPort: 26_500, numberOfPorts: 3 } },
];

/** The module that tryPackagedHost has made. */
export function packagedModule(root) {
  const { version } = readModuleManifest(root);
  return { version, module: join(root, 'build', 'package', 'PortReservation', version) };
}

/** In a folder whose name has blanks and letters of other alphabets: `null` when the host answered as it must, else what it said. */
export async function tryPackagedHost(root, folder, wine, { library }) {
  const { version, module } = packagedModule(root);
  const made = spawnSync(process.execPath, [join(root, 'scripts', 'package.mjs'), '--formats', '-'], { encoding: 'utf8' });
  if (made.status !== 0) return `npm run package failed: ${made.stderr}`;

  const place = join(folder, 'Program Files \u2013 \u00DCbung \u65E5\u672C');
  mkdirSync(place);
  // As a release is made, also for those who use the package after this.
  const bin = join(module, 'bin');
  await recordCodeCachesByWine(bin, wine);
  cpSync(bin, join(place, 'bin'), { recursive: true });
  return runHost(join(place, 'bin'), place, wine, library, version);
}

/**
 * @param bin the folder with node.exe
 * @param place a folder for the DLL of the simulator and what the host says
 */
export async function runHost(bin, place, wine, library, version) {
  copyFileSync(library, join(place, 'portsim.dll'));
  const [stdin, stdout, stderr] = ['requests.txt', 'answers.txt', 'stderr.txt'].map((name) => join(place, name));
  writeFileSync(stdin, REQUESTS.map((request) => `${JSON.stringify(request)}\n`).join(''));
  await wine.run([join(bin, 'node.exe'), windowsPath(join(bin, 'port-reservation-host.cjs')),
    '--simulator', windowsPath(join(place, 'portsim.dll')), '--simulator-state', windowsPath(join(place, 'state'))], { cwd: place, stdin, stdout, stderr });

  const said = readFileSync(stdout, 'utf8');
  const answers = said.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const result = (id) => answers.find((answer) => answer.id === id)?.result;
  const right = result(1)?.version === version && result(1).backend === 'simulator' && result(2)?.[0]?.endPort === 26_502;
  return right ? null : `${said}${readFileSync(stderr, 'utf8')}`;
}
