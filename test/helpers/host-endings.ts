import { once } from 'node:events';
import { within } from './deadline.js';
import type { Exit, HostProcess } from './host-process.js';

export const CLEAN: Exit = { code: 0, signal: null };

/** Every way in which a host ends that can be made to happen: when, how, and what its end looks like. */
export const ENDINGS: readonly [string, (host: HostProcess) => Promise<Exit>, Exit][] = [
  ['its stdin ends', (host) => host.end(), CLEAN],
  ['it is told to shut down', async (host) => {
    if (await host.result('shutdown') !== null) throw new Error('shutdown gives null');
    return host.untilExit();
  }, CLEAN],
  ['it is terminated', (host) => {
    host.child.kill('SIGTERM');
    return host.untilExit();
  }, CLEAN],
  ['its console is closed', (host) => {
    host.child.kill('SIGHUP');
    return host.untilExit();
  }, CLEAN],
  ['it is killed', (host) => {
    host.child.kill('SIGKILL');
    return host.untilExit();
  }, { code: null, signal: 'SIGKILL' }],
  ['nobody reads its stdout any more', async (host) => {
    host.child.stdout.destroy();
    host.send('host.get');
    await within(once(host.child, 'exit'), 'the end of the host');
    return { code: host.child.exitCode, signal: host.child.signalCode };
  }, CLEAN],
];
