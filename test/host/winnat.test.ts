import test from 'ava';
import { until } from '../helpers/deadline.js';
import { CLEAN, ENDINGS } from '../helpers/host-endings.js';
import { HostProcess } from '../helpers/host-process.js';
import { LONG, TCP, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { isFree, tokenOf } from '../helpers/system.js';

const simulator = await openSimulator(test);

const block = { protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 3 } as const;
/** A runtime block that the host has beside its request, and gives back as soon as it ends. */
const held = { ...block, protocol: 'udp' } as const;

/** Asks for a block that WinNAT has, and gives the request's id when the service is stopping, which it does until {@link release}. */
async function interruptible(host: HostProcess) {
  simulator.knob('portsim_add_system_block', TCP, block.startPort, 1, 1);
  simulator.knob('portsim_set_winnat_delay', LONG);
  const { protocol, ...rest } = block;
  await host.result('reservation.create', { kind: 'runtime', protocols: [held.protocol], ...rest });
  const id = host.send('reservation.create', { kind: 'persistent', protocols: [protocol], ...rest, restartWinNat: true });
  await simulator.winNatStops();
  return id;
}

const release = () => simulator.knob('portsim_set_winnat_delay', 0);

for (const [when, end] of ENDINGS.filter(([, , exit]) => exit === CLEAN)) {
  offWindows(`when ${when} while the service winnat stops, it runs again before the host is gone`, async (t) => {
    const host = await HostProcess.open(t, simulator.args);
    await interruptible(host);
    const ended = end(host);
    await until(() => isFree(simulator, held), 'the end of what the host held');
    release();
    t.deepEqual(await ended, CLEAN);
    t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
    t.is(tokenOf(simulator, block), null);
  });
}

test.serial('a cancelled restart of winnat is answered when the service runs again, and has created nothing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const id = await interruptible(host);
  host.notify('$/cancelRequest', { id });
  await host.result('host.get');
  release();
  t.is((await host.answer(id)).error?.code, -32800);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  t.is(tokenOf(simulator, block), null);
});
