// The package alone in a new folder, by its command for cmd.exe: 50 blocks, then nothing, then the 3 that were altered; the same by
// DSC's calls. By the cmdlets and by the class: test/powershell/Fleet.Tests.ps1.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagedModule } from './packaged-host.mjs';
import { windowsPath } from './prefix.mjs';

const CHANGED = 12;

/** Needs what tryPackagedHost has made. `null` when all was right, else what was not. */
export async function tryFleet(root, folder, wine, { library }) {
  const place = join(folder, 'fleet');
  mkdirSync(place);
  cpSync(packagedModule(root).module, join(place, 'module'), { recursive: true });
  const [list, altered, instance, stdout, stderr] = ['ports.json', 'altered.json', 'instance.json', 'stdout.txt', 'stderr.txt'].map((name) => join(place, name));
  const blocks = Array.from({ length: 50 }, (_, index) => ({ protocol: 'tcp', startPort: 26_600 + 10 * index, numberOfPorts: 2, kind: index < 48 ? 'persistent' : 'exclusion' }));
  writeFileSync(list, JSON.stringify(blocks));
  writeFileSync(altered, JSON.stringify([blocks[0], blocks[20], blocks[49]]));
  writeFileSync(instance, JSON.stringify({ reservations: blocks }));

  const command = windowsPath(join(place, 'module', 'port-reservation.cmd'));
  const simulator = ['--simulator', windowsPath(library), '--simulator-state', windowsPath(join(place, 'state'))];
  const run = async (args, stdin = 'ignore') => ({ code: await wine.run([command, ...args, ...simulator], { stdin, stdout, stderr }), said: readFileSync(stdout, 'utf8') });
  const apply = async () => {
    const { code, said } = await run(['apply', windowsPath(list), '--json']);
    return `apply ${code} ${JSON.parse(said).filter(({ changed }) => changed).length}`;
  };
  const alter = async () => `remove ${(await run(['remove', '--input', windowsPath(altered)])).code}`;
  const dsc = async (operation) => {
    const { code, said } = await run(['dsc', 'ReservationList', operation], instance);
    const [state, differing] = said.trim().split('\n').map((line) => JSON.parse(line));
    return `${operation} ${code} ${operation === 'test' ? state._inDesiredState : differing.length > 0}`;
  };

  const steps = [
    [apply, `apply ${CHANGED} 50`], [apply, 'apply 0 0'], [alter, 'remove 0'], [apply, `apply ${CHANGED} 3`],
    [alter, 'remove 0'], [() => dsc('test'), 'test 0 false'], [() => dsc('set'), 'set 0 true'], [() => dsc('test'), 'test 0 true'],
  ];
  for (const [step, wanted] of steps) {
    let found;
    try {
      found = await step();
    } catch (error) {
      found = error.message;
    }
    if (found !== wanted) return `${found} instead of ${wanted}: ${readFileSync(stdout, 'utf8')}${readFileSync(stderr, 'utf8')}`;
  }
  return null;
}
