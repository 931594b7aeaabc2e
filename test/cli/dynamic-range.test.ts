import test from 'ava';
import { openCli } from '../helpers/cli-simulator.js';
import { TCP } from '../helpers/knobs.js';

const { simulator, text, json, fails } = await openCli(test);

test.serial('dynamic-range shows each protocol and family', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, 1024, 13_977);
  const rows = (await text(t, 'dynamic-range')).trimEnd().split('\n').map((line) => line.split(/ +/));
  t.deepEqual(rows, [
    ['PROTOCOL', 'FAMILY', 'START', 'END', 'PORTS', 'DEFAULT'],
    ['tcp', 'IPv4', '1024', '15000', '13977', 'no'], ['tcp', 'IPv6', '1024', '15000', '13977', 'no'],
    ['udp', 'IPv4', '49152', '65535', '16384', 'yes'], ['udp', 'IPv6', '49152', '65535', '16384', 'yes'],
  ]);
  t.deepEqual(await json(t, 'dynamic-range', '--protocol', 'udp'), ['IPv4', 'IPv6'].map((addressFamily) =>
    ({ protocol: 'udp', addressFamily, startPort: 49_152, endPort: 65_535, numberOfPorts: 16_384, isDefault: true })));
});

test.serial('dynamic-range set changes both families, and prints what is there now', async (t) => {
  const made = await json<object[]>(t, 'dynamic-range', 'set', '--protocol', 'tcp', '--start', '40000', '--count', '1000');
  t.deepEqual(made, ['IPv4', 'IPv6'].map((addressFamily) =>
    ({ protocol: 'tcp', addressFamily, startPort: 40_000, endPort: 40_999, numberOfPorts: 1_000, isDefault: false })));
  t.deepEqual(await json(t, 'dynamic-range', '--protocol', 'tcp'), made);
  t.regex(await text(t, 'dynamic-range', 'set', '--protocol', 'tcp,udp', '--start', '49152', '--count', '16384'), /^tcp +IPv4 +49152 +65535 +16384 +yes$/m);
});

test.serial('dynamic-range set guesses nothing, and refuses what Windows refuses', async (t) => {
  const start = ['--start', '40000'];
  const count = ['--count', '1000'];
  const before = await json(t, 'dynamic-range');
  for (const [rule, ...args] of [
    ['protocol', ...start, ...count], ['start', '-p', 'tcp', ...count], ['count', '-p', 'tcp', ...start], ['1025', '-p', 'tcp', '--start', '1024', ...count],
    ['255', '-p', 'tcp', ...start, '--count', '254'], ['65535', '-p', 'tcp', '--start', '65000', ...count], ['4e4', '-p', 'tcp', '--start', '4e4', ...count],
    ['sctp', '-p', 'sctp', ...start, ...count], ['given once', '-p', 'tcp', ...start, ...start, ...count],
  ]) t.regex(await fails(t, 2, 'dynamic-range', 'set', ...args), new RegExp(rule ?? 'no rule'));
  simulator.knob('portsim_set_elevated', 0);
  t.regex(await fails(t, 3, 'dynamic-range', 'set', '-p', 'tcp', ...start, ...count), /elevated administrator/);
  t.deepEqual(await json(t, 'dynamic-range'), before);
});
