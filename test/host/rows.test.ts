// Answers as rows, and what is taken back: for the cmdlets.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { HostProcess } from '../helpers/host-process.js';
import { NEVER } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { VERSION } from '../../src/version.js';

const simulator = await openSimulator(test);

const PORT = portsOf(import.meta.url);
const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1, answers: 'rows' } };

/** The fields of the answer to one line. */
async function fields(host: HostProcess, ...requests: { id: number; method: string; params?: unknown }[]): Promise<string[]> {
  const line: unknown = await host.raw(JSON.stringify(requests.length === 1 ? requests[0] : requests));
  if (typeof line !== 'string') throw new Error(`not a row: ${JSON.stringify(line)}`);
  return line.split('\t');
}

const request = (id: number, method: string, params: unknown = {}) => ({ jsonrpc: '2.0', id, method, params });

async function open(t: ExecutionContext): Promise<HostProcess> {
  const host = HostProcess.start(t, simulator.args);
  t.deepEqual(await fields(host, INITIALIZE), ['a1', 's', VERSION], 'the greeting is the version alone');
  return host;
}

test.serial('a batch is one row: reservations without letters, and errors with their fields', async (t) => {
  const host = await open(t);
  const create = { kind: 'Persistent', protocols: ['Tcp'], startPort: PORT, numberOfPorts: 2 };
  const row = await fields(host, request(2, 'reservation.create', create), request(3, 'reservation.create', create));
  const token = row[8] ?? '';
  t.regex(token, /^\d+$/);
  t.deepEqual(row.slice(0, 13), ['a2', 'l', '1', 'r', 'Persistent', 'Tcp', `${PORT}`, '2', token, '', '', 'Persistent', '']);
  t.deepEqual([row[13], row[14], row[17], row[18]], ['e3', 'PortInUse', '32', 'ERROR_SHARING_VIOLATION']);
});

test.serial('an id that is text is a field of its own, whatever it has in it', async (t) => {
  const host = await open(t);
  for (const id of ['x\ny', 'a\tb', '\u001B[2J', '\u2028', '"', '', '5']) {
    for (const method of ['host.get', 'unknown']) {
      const line: unknown = await host.raw(JSON.stringify({ jsonrpc: '2.0', id, method }));
      const [field = ''] = String(line).split('\t');
      t.is(JSON.parse(field.slice(1)), id, method);
      t.regex(field, /^[ae][ -~]*$/);
    }
  }
  t.is((await fields(host, request(5, 'host.get')))[0], 'a5', 'a number is not the same text');
});

test.serial('an object with more names than values, or fewer, is refused', async (t) => {
  const host = await open(t);
  for (const row of [{ names: ['StartPort', 'NumberOfPorts'], values: [PORT] }, { names: ['StartPort'], values: [PORT, 2] }, { values: [PORT] }, { names: ['StartPort'] }]) {
    for (const [method, params] of [['reservation.create', { row }], ['desiredState.plan', { rows: [row] }]] as const) {
      const [id, reason, message = ''] = await fields(host, request(2, method, params));
      t.deepEqual([id, reason], ['e2', 'InvalidParameter'], message);
    }
  }
  const two = { names: ['StartPort', 'NumberOfPorts'], values: [PORT, 2] };
  t.is((await fields(host, request(2, 'desiredState.plan', { rows: [two, { values: [PORT + 9] }] })))[1], 'InvalidParameter');
  t.is((await fields(host, request(2, 'desiredState.plan', { rows: [two, { values: [PORT + 9, 1] }] })))[0], 'a2', 'the names of the one before');
  t.is((await fields(host, request(2, 'reservation.list', { Kind: ['Persistent'] })))[2], '0');
});

test.serial('words are those of PowerShell in both directions, whatever their case', async (t) => {
  const host = await open(t);
  const row = await fields(host, request(2, 'reservation.create',
    { kind: 'runtime', protocols: ['UDP'], startPort: PORT, numberOfPorts: 1, addressFamily: 'InterNetworkV6', ifNotExists: true }));
  t.deepEqual([row[4], row[5], row[9], row[11], row[12]], ['Runtime', 'Udp', 'InterNetworkV6', 'Active', '1']);
  const [, object, count, type, ...members] = await fields(host, request(3, 'host.get'));
  t.deepEqual([object, count, type], ['o', '5', 'PortReservation.Host']);
  t.deepEqual(members.filter((_, index) => index % 3 === 0), ['ProcessId', 'NodeVersion', 'Backend', 'IsElevated', 'UptimeSeconds']);
});

test.serial('an object that was piped in is read here, after what is given, and its block is told with an error', async (t) => {
  const host = await open(t);
  const row = { names: ['START PORT', 'End', 'Comment'], values: [`${PORT}`, PORT + 1, 'web'] };
  t.deepEqual((await fields(host, request(2, 'reservation.create', { row, protocols: ['Udp'] }))).slice(3, 8), ['r', 'Persistent', 'Udp', `${PORT}`, '2']);
  t.deepEqual((await fields(host, request(3, 'reservation.create', { row, protocols: ['Udp'], kind: 'Runtime' }))).slice(7),
    ['o', '5', 'PortReservation.Block', 'Protocol', 's', 'Udp', 'StartPort', 'i', `${PORT}`, 'EndPort', 'i', `${PORT + 1}`, 'NumberOfPorts', 'i', '2', 'Kind', 's', 'Runtime']);
  const misspelt = await fields(host, request(4, 'reservation.create', { row: { names: ['Port', 'Size'], values: [PORT, 2] } }));
  t.deepEqual([misspelt[1], ...misspelt.slice(6)], ['InvalidParameter', '', '-']);
  t.regex(misspelt[2] ?? '', /'Size' is not known: is it numberOfPorts\?/);
  const both = await fields(host, request(5, 'reservation.remove', { row, protocols: ['Tcp', 'Udp'] }));
  t.deepEqual([both[2], both[3], both[5], both[13], both[14]], ['2', 'r', 'Udp', 'e', 'ReservationNotFound'], 'each for itself');
});

for (const [what, row, message] of [
  ['no names', {}, /no members/],
  ['a property of a type, which is not misspelt', { names: ['PortCount'], values: [null], properties: ['PortCount'] }, /no startPort.*: PortCount/],
  ['the count of a list', { names: ['Port', 'Count'], values: [PORT, 0], properties: ['Count'], isList: true }, null],
  ['the count that an object has', { names: ['Port', 'Count'], values: [PORT, 0], properties: ['Count'] }, /numberOfPorts '0' is not valid/],
  ['two names of one member with one value', { names: ['Port', 'StartPort'], values: [PORT, `${PORT}`] }, null],
  ['two names of one member with two values', { names: ['Port', 'StartPort'], values: [PORT, 1] }, /given twice.*, 1/],
  ['half a port', { names: ['Port'], values: [8080.5] }, /'8080\.5' is not valid/],
  ['another member of a row', { names: ['Port'], values: [PORT], more: 1 }, /there is no such parameter/],
] as const) {
  test.serial(`a block is read of ${what}`, async (t) => {
    const host = await open(t);
    const answer = await fields(host, request(2, 'reservation.create', { row, Ask: true }));
    if (message) t.regex(answer[2] ?? '', message);
    else t.deepEqual(answer.slice(answer.indexOf('Text'), answer.indexOf('Text') + 3), ['Text', 's', `Tcp ${PORT} (Persistent)`]);
    t.is(answer[0], message ? 'e2' : 'a2');
  });
}

test.serial('the parameters of a cmdlet are read by their names, with its defaults, and what it asks changes nothing', async (t) => {
  const host = await open(t);
  const asked = await fields(host, request(2, 'reservation.create', { StartPort: PORT, Protocol: ['Udp', 'udp'], IfNotExists: true, Ask: true }));
  t.deepEqual(asked.slice(4), ['Text', 's', `Udp ${PORT} (Persistent)`, 'IsThere', 'b', '']);
  t.deepEqual((await fields(host, request(3, 'reservation.list'))).slice(1), ['l', '0']);
  t.deepEqual((await fields(host, request(4, 'reservation.create', { StartPort: PORT }))).slice(3, 8), ['r', 'Persistent', 'Tcp', `${PORT}`, '1']);
  const found = await fields(host, request(5, 'reservation.find', { StartPort: PORT, Kind: ['System', 'Exclusion'] }));
  t.deepEqual([found[1], found[2], found[3], found[4]], ['l', '1', 'e', 'ReservationNotFound']);
  t.deepEqual(found.slice(found.indexOf('Protocol'), found.indexOf('Protocol') + 3), ['Protocol', 's', 'Tcp, Udp'], 'one of them would have been enough');
  const bind = await fields(host, request(6, 'bind.create', { StartPort: PORT, TimeoutSec: 5, Backlog: 3 }));
  t.true(bind.includes('Listening'));
});

for (const method of ['reservation.list', 'bind.create', 'desiredState.plan', 'dynamicRange.get', 'health.measure']) {
  test.serial(`nobody can ask what ${method} would be about`, async (t) => {
    const host = await open(t);
    const answer = await fields(host, request(2, method, { StartPort: PORT, Ask: true }));
    t.deepEqual(answer.slice(0, 2), ['e2', 'InvalidParameter'], answer.join(' '));
  });
}

for (const [method, params] of [
  ['reservation.create', { protocols: 5, startPort: {}, numberOfPorts: 'x', kind: 'Persistent' }], ['reservation.create', { protocols: null }],
  ['reservation.find', { kinds: 'x', protocols: [[]] }], ['reservation.find', { Kind: 7 }], ['bind.create', { Protocol: {}, Backlog: 'x', LocalAddress: 1 }],
  ['port.test', { StartPort: [1] }], ['dynamicRange.set', { Protocol: 5 }], ['desiredState.plan', { rows: 5 }], ['desiredState.plan', { rows: [null] }],
  ['reservation.create', { startPort: { toString: 1 } }], ['reservation.create', { kind: { toString: 1 } }], ['reservation.find', { protocols: [{ toString: 1 }] }],
  ['bind.create', { StartPort: PORT, TimeoutSec: { toString: 1 } }], ['reservation.list', JSON.parse('{ "__proto__": 1 }')],
  ['map.render', { path: 5 }], ['map.render', { Path: { toString: 1 } }], ['map.render', { path: 'ports.svg' }], ['reservation.list', { Kind: 'x' }],
  ['reservation.create', { StartPort: PORT, Kind: 'x', Store: 'Active' }], ['reservation.remove', { StartPort: PORT, Kind: 7, Store: 7 }],
  ['bind.create', { row: { names: ['StartPort'], values: [PORT] }, protocols: 5 }],
  ['reservation.remove', { StartPort: 70_000, NumberOfPorts: false }], ['reservation.find', { StartPort: '70000', NumberOfPorts: 1 }],
  ['dynamicRange.set', { Kind: true, Protocol: ['Tcp'], StartPort: 20_000, NumberOfPorts: 300 }], ['dynamicRange.set', { protocols: null, StartPort: 20_000, NumberOfPorts: 300 }],
] as const) {
  test.serial(`${method} refuses what no cmdlet sends: ${JSON.stringify(params)}`, async (t) => {
    const host = await open(t);
    const [id, reason] = await fields(host, request(2, method, params));
    t.deepEqual([id, reason], ['e2', 'InvalidParameter']);
  });
}

test.serial('ports are tested 200 at a time, and lists of one line are read once', async (t) => {
  const host = await open(t);
  const test = { StartPort: PORT, NumberOfPorts: 150, Protocol: ['Tcp', 'Udp'], Quiet: true };
  const first = await fields(host, request(2, 'port.test', test));
  t.deepEqual([first[1], first[2], ...first.slice(-2)], ['l', '201', 'm', '200']);
  const rest = await fields(host, request(3, 'port.test', { ...test, Skip: 200 }));
  t.deepEqual([rest[2], rest.at(-1)], ['100', '1']);
  simulator.knob('portsim_fail_next', 'GetExtendedTcpTable', 8);
  const both = await fields(host, ...[PORT, PORT + 1].map((port, index) => request(4 + index, 'port.test', { StartPort: port })));
  t.deepEqual(both.filter((field) => /^[ae]\d+$/.test(field)), ['e4', 'e5'], 'the one failure is that of both');
  t.deepEqual(both.filter((_, index) => both[index - 2] === 'StartPort'), [`${PORT}`, `${PORT + 1}`]);
});

test.serial('a list of objects is planned by their index, with the names of the object before', async (t) => {
  const host = await open(t);
  const rows = [{ names: ['StartPort', 'Protocol'], values: [PORT, 'Tcp, Udp'] }, { values: [PORT + 1, null] }, { values: ['x', null] }];
  t.deepEqual((await fields(host, request(2, 'desiredState.plan', { rows }))).slice(-2), ['i', '2']);
  const plan = await fields(host, request(3, 'desiredState.plan', { rows: rows.slice(0, 2) }));
  t.deepEqual(plan.filter((_, index) => plan[index - 2] === 'StartPort'), [`${PORT}`, `${PORT}`, `${PORT + 1}`]);
});

test.serial('after a lost host, the next one says what a request has made or removed', async (t) => {
  const host = await open(t);
  const block = { protocols: ['Tcp', 'Udp'], startPort: PORT, numberOfPorts: 2 };
  const recall = async (id: number, method: string) => {
    const answer = await fields(host, request(id, 'request.recall', { method, params: block }));
    return answer.slice(answer.indexOf('Done') + 1, answer.indexOf('Done') + 3);
  };
  t.deepEqual(await recall(2, 'reservation.create'), ['-', 'Left']);
  t.deepEqual(await recall(3, 'reservation.remove'), ['l', '2']);
  await fields(host, request(4, 'reservation.create', block));
  t.deepEqual(await recall(5, 'reservation.create'), ['l', '2']);
  t.deepEqual(await recall(6, 'reservation.remove'), ['-', 'Left']);
  await fields(host, request(7, 'reservation.remove', { ...block, protocols: ['Udp'] }));
  t.deepEqual(await recall(8, 'reservation.create'), ['-', 'Left'], 'one of two protocols is not what was asked for');
});

test.serial('a map is given line by line, with its colors', async (t) => {
  const host = await open(t);
  const row = await fields(host, request(2, 'map.render', { protocols: ['Tcp'], format: 'text', width: 80, color: true }));
  t.is(row[1], 'l');
  t.true(row.some((field) => field.includes('\u001B[')));
});

test.serial('a line that is no JSON is a row as well', async (t) => {
  const host = await open(t);
  const line: unknown = await host.raw('no JSON');
  t.is(line, ['enull', '', 'the line is not JSON', '', '', '', '', '-'].join('\t'));
});

test.serial('find gives exactly this block of any kind, and says in which protocols it is missing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { kind: 'exclusion', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 });
  await host.result('reservation.create', { kind: 'persistent', protocols: ['udp'], startPort: PORT, numberOfPorts: 2 });
  const block = { protocols: ['tcp', 'udp'], startPort: PORT, numberOfPorts: 2 };
  t.like(await host.result('reservation.find', block), { reservations: [{ kind: 'exclusion' }, { kind: 'persistent' }], missing: [], notRead: [] });
  t.like(await host.result('reservation.find', { ...block, numberOfPorts: 1 }),
    { reservations: [], missing: [{ protocol: 'tcp', error: { nativeCode: 1168 } }, { protocol: 'udp' }] });
  t.like(await host.result('reservation.find', { ...block, kinds: ['exclusion'] }), { reservations: [{ protocol: 'tcp' }], missing: [{ protocol: 'udp', error: null }] });
});

test.serial('what requests made is taken back but for what was given, and only once', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const create = { kind: 'persistent', protocols: ['tcp', 'udp'], numberOfPorts: 1 };
  await host.raw(JSON.stringify([
    request(11, 'reservation.create', { ...create, startPort: PORT }), request(12, 'reservation.create', { ...create, startPort: PORT + 1, kind: 'exclusion' }),
    request(13, 'bind.create', { protocol: 'tcp', startPort: PORT, numberOfPorts: 1 }),
  ]));
  t.deepEqual(await host.result('request.undo', { ids: [11, 12, 13], given: 1 }), { left: [] });
  t.like(await host.result('reservation.list'), [{ protocol: 'tcp', startPort: PORT }]);
  t.is((await host.result<unknown[]>('reservation.list')).length, 1);
  t.like(await host.result('bind.create', { protocol: 'tcp', startPort: PORT, numberOfPorts: 1 }), { length: 1 }, 'the socket is closed');
  t.deepEqual(await host.result('request.undo', { ids: [11, 12, 13] }), { left: [] });
  t.is((await host.result<unknown[]>('reservation.list')).length, 1);
});

test.serial('what a request with text as its id made is taken back, and not the same block that a later one has reserved', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const block = { kind: 'runtime', startPort: PORT, numberOfPorts: 1 };
  const create = (id: string, of = block) => host.answer(host.send('reservation.create', { ...of, protocols: ['tcp'] }, id));
  await create('first');
  await host.result('reservation.remove', { ...block, protocol: 'tcp' });
  await create('second');
  await create('third', { ...block, startPort: PORT + 1 });
  t.deepEqual(await host.result('request.undo', { ids: ['first', 'third'] }), { left: [] });
  t.like(await host.result('reservation.list'), [{ startPort: PORT, kind: 'runtime' }, undefined]);
  t.regex((await host.error('request.undo', { ids: [null] })).message, /^ids\[0\] null is not valid: it must be the id of a request/);
});

test.serial('what cannot be taken back is named, and what was there before is not taken back', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const create = { kind: 'persistent', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 };
  host.send('reservation.create', create, 21);
  await host.answer(21);
  host.send('reservation.create', { ...create, ifNotExists: true }, 22);
  await host.answer(22);
  t.deepEqual(await host.result('request.undo', { ids: [22] }), { left: [] });
  simulator.knob('portsim_set_elevated', 0);
  const { left } = await host.result<{ left: { name: string; message: string }[] }>('request.undo', { ids: [21] });
  t.is(left[0]?.name, `Tcp ${PORT}-${PORT + 1} (Persistent)`);
  t.regex(left[0]?.message ?? '', /EACCES|access/i);
});

test.serial('what is there no more when it is to be taken back is not named', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const block = { protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 };
  for (const [id, kind] of [[24, 'persistent'], [25, 'runtime'], [26, 'exclusion']] as const) {
    host.send('reservation.create', { kind, ...block }, id);
    await host.answer(id);
    await host.result('reservation.remove', { kind, ...block });
  }
  t.deepEqual(await host.result('request.undo', { ids: [24, 25, 26] }), { left: [] });
});

test.serial('a runtime reservation is taken back, and not named, also where Windows does not release it: it ends with its socket (R3)', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.send('reservation.create', { kind: 'runtime', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 }, 27);
  await host.answer(27);
  simulator.knob('portsim_fail_next', 'WSAIoctl', 10_050);
  t.deepEqual(await host.result('request.undo', { ids: [27] }), { left: [] });
  t.deepEqual(await host.result('reservation.list'), []);
});

test.serial('an undo of what is under way cancels it and waits for its end', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 });
  simulator.knob('portsim_set_delay', NEVER);
  host.send('bind.create', { protocol: 'tcp', startPort: PORT, numberOfPorts: 2, timeout: 0 }, 31);
  t.deepEqual(await host.result('request.undo', { ids: [31] }), { left: [] });
  t.is((await host.answer(31)).error?.code, -32800);
});

test.serial('an undo that names itself is answered, and what it names twice is taken back once', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.send('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 }, 41);
  await host.answer(41);
  host.send('request.undo', { ids: [41, 42, 41] }, 42);
  t.deepEqual((await host.answer(42)).result, { left: [] });
  t.deepEqual(await host.result('reservation.list'), []);
});

test.serial('what is nested deep is refused by its name, and the list needs no parameters', async (t) => {
  const host = await open(t);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const name of ['Protocol', 'Kind', 'StartPort']) {
    const line: unknown = await host.raw(`{"jsonrpc":"2.0","id":2,"method":"reservation.create","params":{"${name}":${deep}}}`);
    t.regex(String(line), new RegExp(`^e2\tInvalidParameter\t.*${name}`, 'i'));
  }
  t.deepEqual(await fields(host, { id: 3, method: 'reservation.list', jsonrpc: '2.0' } as never), ['a3', 'l', '0']);
});
