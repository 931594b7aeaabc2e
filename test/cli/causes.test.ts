import test from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ReservationData } from '../../src/blocks.js';
import type { PortExplanation } from '../../src/index.js';
import { runCli } from '../helpers/cli-process.js';
import { TCP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

const base = portsOf(import.meta.url);

/** What can be wrong with a port, all on one machine: what has it, and what `explain` and `list` are to say. */
const CAUSES = [
  { what: 'WinNAT', offset: 0, reason: 'RuntimeReservation', kind: 'system', canBind: false, advice: /winnat/ },
  { what: 'an exclusion', offset: 10, reason: 'Exclusion', kind: 'exclusion', canBind: true, advice: /explicit bind works/ },
  { what: 'a hidden holder', offset: 20, reason: 'HiddenHolder', kind: 'system', canBind: false, advice: /guest/ },
  { what: 'a persistent reservation', offset: 30, reason: 'PersistentReservation', kind: 'persistent', canBind: false, advice: /associated/ },
  { what: 'nothing', offset: 40, reason: 'Free', kind: null, canBind: true, advice: /is free/ },
] as const;

test('each cause is explained as the list has it, and the map counts what the list does', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 1);
  simulator.knob('portsim_add_exclusion', TCP, base + 10, 5, 1);
  simulator.knob('portsim_add_hidden_holder', TCP, base + 20, 5);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const run = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(t, [...args, ...simulator.args]);
    t.true(status === 0 || (args[0] === 'explain' && status === 4), stderr);
    return stdout;
  };
  await run('create', `${base + 30}-${base + 34}`);

  const blocks = JSON.parse(await run('list', '--protocol', 'tcp', '--json')) as ReservationData[];
  for (const { what, offset, reason, kind, canBind, advice } of CAUSES) {
    const [found] = JSON.parse(await run('explain', String(base + offset + 2), '--json')) as PortExplanation[];
    t.like(found, { reason, canBind }, what);
    t.regex(found?.advice ?? '', advice, what);
    const block = blocks.find(({ startPort }) => startPort === base + offset);
    t.is(block?.kind ?? null, kind, what);
    t.deepEqual<unknown, unknown>(found?.block, block ?? null, what);
  }
  const [busy] = JSON.parse(await run('explain', String(port), '--json')) as PortExplanation[];
  t.like(busy, { reason: 'InUse', canBind: false, bindError: 'WSAEADDRINUSE', block: null });

  const map = await run('map', '--protocol', 'tcp');
  for (const kind of ['persistent', 'exclusion', 'system']) {
    const ports = blocks.filter((block) => block.kind === kind).reduce((sum, block) => sum + block.numberOfPorts, 0);
    t.regex(map, new RegExp(`${kind}: ${ports}\\b`));
  }
  server.close();
  await once(server, 'close');
});
