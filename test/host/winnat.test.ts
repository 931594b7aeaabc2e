import test from 'ava';
import { TCP } from '../contract/steps.js';
import { within } from '../helpers/deadline.js';
import { CLEAN, ENDINGS } from '../helpers/host-endings.js';
import { HostProcess } from '../helpers/host-process.js';
import { PORTS } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';
import { tokenOf } from '../helpers/system.js';

const simulator = await createSimulator();
test.after.always(() => simulator.dispose());
test.beforeEach(() => simulator.knob('portsim_reset'));

const block = { protocol: 'tcp', startPort: PORTS.host + 700, numberOfPorts: 3 } as const;
const onPosix = process.platform === 'win32' ? test.serial.skip : test.serial;
/** portsim_winnat_state's. */
const [RUNNING, STOPPING] = [2, 3];

/** Asks for a block that WinNAT has, and gives the request's id when the service is just stopping. */
async function interruptible(host: HostProcess) {
  simulator.knob('portsim_add_system_block', TCP, block.startPort, 1, 1);
  simulator.knob('portsim_set_winnat_delay', 300);
  const { protocol, ...rest } = block;
  const id = host.send('reservation.create', { kind: 'persistent', protocols: [protocol], ...rest, restartWinNat: true });
  await within((async () => {
    // A service tells its state only when asked.
    while (simulator.knobValue('portsim_winnat_state') !== STOPPING) await new Promise((resolve) => setImmediate(resolve));
  })(), 'the stop of winnat');
  return id;
}

for (const [when, end] of ENDINGS.filter(([, , exit]) => exit === CLEAN)) {
  onPosix(`when ${when} while the service winnat stops, it runs again before the host is gone`, async (t) => {
    const host = await HostProcess.open(t, simulator.args);
    await interruptible(host);
    t.deepEqual(await end(host), CLEAN);
    t.is(simulator.knobValue('portsim_winnat_state'), RUNNING);
  });
}

test.serial('a cancelled restart of winnat is answered when the service runs again, and has created nothing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const id = await interruptible(host);
  host.notify('$/cancelRequest', { id });
  t.is((await host.answer(id)).error?.code, -32800);
  t.is(simulator.knobValue('portsim_winnat_state'), RUNNING);
  t.is(tokenOf(simulator, block), null);
});
