// What Windows hands out is given back: handles, lists and events, also where the call behind it fails.
import test from 'ava';
import type { PortReservations } from '../../src/index.js';
import { isPortReservationError } from '../../src/index.js';
import { Code } from '../../src/win32/codes.js';
import { TCP, TCP_STATE } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const block = { protocol: 'tcp', startPort: base, numberOfPorts: 2 } as const;
const OWNER = 4242;

type Operation = readonly [name: string, run: (reservations: PortReservations) => Promise<unknown>];

const OPERATIONS: readonly Operation[] = [
  ['explain', (own) => own.explain('tcp', base + 20)],
  ['measure', (own) => own.measure()],
  ['list', (own) => own.list()],
  ['a map', (own) => own.renderMap({ format: 'json' })],
  ['what WinNAT holds', (own) => own.create({ kind: 'persistent', protocols: ['tcp'], startPort: base + 10, numberOfPorts: 1, restartWinNat: true })],
  ['a refusal', (own) => own.create({ kind: 'persistent', protocols: ['tcp'], startPort: base + 20, numberOfPorts: 1 })],
  ['a plan', (own) => own.plan([{ ...block, kind: 'persistent' }])],
  ['a bind', async (own) => {
    using runtime = await own.acquireRuntime({ protocol: 'tcp', startPort: base + 30, numberOfPorts: 1 });
    using socket = await own.bind({ protocol: 'tcp', token: runtime.token, listen: true });
    await own.remove('runtime', runtime);
    return socket.localPort;
  }],
];

/** What stands behind something that was handed out, and what closes it. */
const FAILING: readonly (readonly [name: string, code: number])[] = [
  ...['QueryFullProcessImageNameW', 'GetProcessTimes', 'OpenProcess', 'OpenSCManagerW', 'OpenServiceW', 'EnumServicesStatusExW', 'QueryServiceStatus',
    'QueryServiceConfigW', 'ControlService', 'StartServiceW', 'WSACreateEvent', 'WSASocketW', 'WSAIoctl', 'bind', 'listen', 'getsockname'].map((name) => [name, Code.ERROR_ACCESS_DENIED] as const),
  ['HcnEnumerateGuestNetworkPortReservations', 0x8000_4005],
];

for (const [name, run] of OPERATIONS) {
  test.serial(`${name}: whatever fails, nothing that was handed out is kept`, async (t) => {
    const before = simulator.knobValue('portsim_open_objects');
    let failed = 0;
    for (const fault of [undefined, ...FAILING]) {
      simulator.knob('portsim_reset');
      simulator.knob('portsim_add_system_block', TCP, base + 10, 1, 1);
      simulator.knob('portsim_add_hidden_holder', TCP, base + 15, 1);
      simulator.knob('portsim_set_process', OWNER, 'C:\\server.exe');
      simulator.knob('portsim_add_service', 'Server', OWNER);
      simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 20, TCP_STATE.listen, OWNER);
      if (fault) simulator.knob('portsim_fail_next', ...fault);
      await run(reservations).catch((error: unknown) => {
        if (!isPortReservationError(error)) throw error;
        failed += 1;
      });
      t.is(simulator.knobValue('portsim_open_objects'), before, fault?.[0]);
    }
    t.log(`${failed} of ${FAILING.length + 1} ended with an error`);
  });
}

test.serial('the count is one of what is open', (t) => {
  const before = simulator.knobValue('portsim_open_objects');
  const { error, service } = reservations.native.services.open('winnat', false);
  t.is(error, 0);
  t.is(simulator.knobValue('portsim_open_objects'), before + 1);
  service?.close();
  t.is(simulator.knobValue('portsim_open_objects'), before);
});
