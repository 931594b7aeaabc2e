import test from 'ava';
import { openNative } from '../../src/native.js';
import { acquireRuntime, checkRuntimeRequest } from '../../src/kinds/runtime-reservation.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
const native = openNative(simulator.options);
test.after.always(() => simulator.dispose());

const request = checkRuntimeRequest({ protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 2 });

test.serial('before build 17763 a runtime reservation is refused and nothing reaches Windows (W1)', async (t) => {
  // Would a call be made, it would be used up here and not by the look below.
  simulator.knob('portsim_fail_next', 'WSASocketW', 10050);
  for (const windowsBuild of [9600, 17000, 17762]) {
    const error = await t.throwsAsync(acquireRuntime({ ...native, windowsBuild }, request), { message: new RegExp(`build ${windowsBuild} is before 17763`) });
    t.like(error, { reason: 'NotSupported', code: 'ENOTSUP', nativeCode: null, syscall: 'SIO_ACQUIRE_PORT_RESERVATION' });
  }
  await t.throwsAsync(acquireRuntime(native, request), { message: /WSAENETDOWN/ });
});

test.serial('from build 17763 on, and on the simulator, it is made (W1)', async (t) => {
  for (const windowsBuild of [17763, 20348, 26100, null]) {
    using reservation = await acquireRuntime({ ...native, windowsBuild }, request);
    t.is(reservation.startPort, request.startPort);
  }
});
