import test from 'ava';
import { openCli } from '../helpers/cli-simulator.js';
import { TCP, TCP_STATE, UDP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, text, json, fails } = await openCli(test);

const base = portsOf(import.meta.url);
const SVCHOST = 'C:\\Windows\\System32\\svchost.exe';

test.beforeEach(() => {
  simulator.knob('portsim_set_process', 5000, SVCHOST);
  simulator.knob('portsim_add_service', 'iphlpsvc', 5000);
  simulator.knob('portsim_add_service', 'Dnscache', 5000);
  simulator.knob('portsim_set_process', 5001, 'C:\\b\\two.exe');
  simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', base, TCP_STATE.listen, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '::1', base, TCP_STATE.listen, 5001);
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base, TCP_STATE.established, 5000);
  simulator.knob('portsim_add_endpoint', UDP, '0.0.0.0', base, 0, 5001);
});

test.serial('explain tells every owner with its services, path and addresses', async (t) => {
  const lines = (await text(t, 'explain', String(base))).split('\n');
  t.deepEqual(lines.slice(1, -2), [
    'process: svchost.exe (5000), since 2025-01-01T00:00:00.000Z',
    'service: Dnscache, iphlpsvc',
    `path:    ${SVCHOST}`,
    'address: 127.0.0.1 (Listen), 10.0.0.1 (Established)',
    'process: two.exe (5001), since 2025-01-01T00:00:00.000Z',
    'path:    C:\\b\\two.exe',
    'address: ::1 (Listen)',
  ]);
  t.regex(await text(t, 'explain', String(base), '--protocol', 'udp'), /\naddress: 0\.0\.0\.0\n/);
});

test.serial('a table has the processes of each port', async (t) => {
  const rows = (await text(t, 'explain', `${base}-${base + 1}`)).split('\n');
  t.regex(rows[1] ?? '', / {2}svchost\.exe \(5000\), two\.exe \(5001\)$/);
  t.regex(rows[2] ?? '', /Free$/);
});

test.serial('JSON has the owners as the library gives them', async (t) => {
  const [explanation] = await json<{ owners: object[]; owningProcess: number }[]>(t, 'explain', String(base));
  t.is(explanation?.owningProcess, 5000);
  t.is(explanation?.owners.length, 3);
  t.like(explanation?.owners[0], { localAddress: '127.0.0.1', addressFamily: 'IPv4', state: 'Listen', path: SVCHOST, services: ['Dnscache', 'iphlpsvc'] });
});

test.serial('--local-address asks for one address or family, and tells which', async (t) => {
  for (const [address, process] of [['127.0.0.1', 'svchost'], ['::1', 'two'], ['0.0.0.0', 'svchost'], ['::', 'two']] as const) {
    const said = await text(t, 'explain', String(base), '--local-address', address);
    t.true(said.startsWith(`tcp ${base} at ${address}: cannot be bound`), said);
    t.deepEqual([...said.matchAll(/^process: (\w+)\.exe/gm)].map(([, name]) => name), [process]);
  }
  t.like((await json<object[]>(t, 'explain', String(base), '--local-address', '127.0.0.2'))[0], { canBind: true, localAddress: '127.0.0.2', owners: [] });
  t.is((await run(t, 'explain', String(base), '--local-address', '127.0.0.2', '--quiet')).status, 0);
  t.regex(await fails(t, 2, 'explain', String(base), '--local-address', 'localhost'), /"localhost" is not valid: it must be a numeric IPv4 or IPv6 address/);
});
