import test from 'ava';
import type { DynamicPortRangeSetting, PortHealth } from '../../src/index.js';
import { HostProcess } from '../helpers/host-process.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const wanted = { protocols: ['tcp'], startPort: 40_000, numberOfPorts: 1_000 };

test.serial('the dynamic range is read and set', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const before = await host.result<DynamicPortRangeSetting[]>('dynamicRange.get');
  t.is(before.length, 4);
  t.deepEqual(await host.result('dynamicRange.get', { protocols: ['udp'] }), before.slice(2));
  const made = await host.result<DynamicPortRangeSetting[]>('dynamicRange.set', wanted);
  t.deepEqual(made.map(({ addressFamily, startPort, endPort }) => [addressFamily, startPort, endPort]), [['IPv4', 40_000, 40_999], ['IPv6', 40_000, 40_999]]);
  t.deepEqual(await host.result('dynamicRange.get'), [...made, ...before.slice(2)]);
});

test.serial('what is not valid is refused, by the schema or by the library', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  for (const params of [undefined, { ...wanted, protocols: [] }, { ...wanted, startPort: '40000' }, { ...wanted, addressFamilies: [] }, { ...wanted, store: 'active' }]) {
    t.is((await host.error('dynamicRange.set', params)).code, -32602);
  }
  t.like((await host.error('dynamicRange.set', { ...wanted, startPort: 1024 })).data, { reason: 'InvalidParameter' });
});

test.serial('a host whose client goes away ends only when the change is whole', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.send('dynamicRange.set', { ...wanted, protocols: ['tcp', 'udp'] });
  host.input.end();
  t.is((await host.exited).code, 0);
  const other = await HostProcess.open(t, simulator.args);
  const starts = (await other.result<DynamicPortRangeSetting[]>('dynamicRange.get')).map(({ startPort }) => startPort);
  // All of them, or none where the end came before the first.
  t.is(new Set(starts).size, 1, starts.join(', '));
});

test.serial('the health of the ports is measured, as plain data', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('dynamicRange.set', { ...wanted, startPort: 2000 });
  const health = await host.result<PortHealth>('health.measure');
  t.deepEqual(health.dynamicRanges.map(({ protocol, startPort }) => [protocol, startPort]), [['tcp', 2000], ['udp', 49_152]]);
  t.deepEqual(health.findings.map(({ severity, name }) => [severity, name]), [['Warning', 'DynamicRangeLow'], ['Warning', 'DynamicRangeSmall']]);
  t.is((await host.error('health.measure', { quick: true })).code, -32602);
});
