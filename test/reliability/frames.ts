import fc from 'fast-check';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { HostProcess } from '../helpers/host-process.js';
import { createSimulator } from '../helpers/simulator.js';
import { attack } from './runs.js';
import type { Figures, Runs } from './runs.js';
import { FIRST } from './steps.js';

/** Without shutdown, which ends the host, and what waits for netsh, which only takes time. */
const METHODS = ['initialize', 'host.get', 'reservation.create', 'reservation.get', 'reservation.remove', 'bind.create', 'bind.close',
  'bind.duplicate', '$/cancelRequest', 'no.such', '', '__proto__', 'constructor', 'toString'];
const LINES = 20;
/** One host reads this many cases, then another one begins. */
const CASES = 2_000;

const id = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.string(), fc.constantFrom(null, undefined, true, {}, [], 1.5, 'x'.repeat(300)));
const value = fc.oneof({ weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) }, { weight: 1, arbitrary: fc.constantFrom<unknown>(0, 1, -1, 65535, 65536, 2 ** 53, 1e999, 'tcp', '', null) });
const params = fc.oneof(value, fc.dictionary(fc.constantFrom('kind', 'protocols', 'protocol', 'startPort', 'numberOfPorts', 'token', 'count', 'id', '__proto__', 'constructor'), fc.oneof(value,
  fc.constantFrom<unknown>('persistent', 'runtime', ['tcp'], ['tcp', 'udp'], FIRST + 200, 2))));
const request = fc.record({ jsonrpc: fc.constantFrom('2.0', '2.0', '2.0', '1.0', 2), id, method: fc.oneof(fc.constantFrom<unknown>(...METHODS), value), params }, { requiredKeys: [] });
const batch = fc.oneof(fc.array(fc.oneof(request, value), { maxLength: 8 }), fc.integer({ min: 990, max: 1010 }).map((length) => Array.from({ length }, () => 1)));

/** What comes over the pipe: no line breaks of its own. */
const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: request.map((frame) => JSON.stringify(frame)) },
  { weight: 4, arbitrary: batch.map((frame) => JSON.stringify(frame)) },
  { weight: 4, arbitrary: fc.tuple(request, fc.nat()).map(([frame, cut]) => JSON.stringify(frame).slice(0, cut % 80)) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('[', '{"a":', '[[{"b":'), fc.integer({ min: 1, max: 20_000 })).map(([open, depth]) => open.repeat(depth)) },
  { weight: 1, arbitrary: fc.integer({ min: (1 << 20) - 2, max: (1 << 20) + 2 }).map((length) => '{"jsonrpc":"2.0","id":1,"method":"host.get"}'.padEnd(length)) },
);

/** Generated lines against the process of the host: each is answered as JSON-RPC says, and the host lives on. */
export async function sendFrames(runs: Runs): Promise<Figures> {
  const simulator = await createSimulator();
  const figures: Figures = { frames: 0, answers: 0, hosts: 0, 'most megabytes of a host': 0 };
  const ends: (() => unknown)[] = [];
  let host: HostProcess | undefined;
  const end = async () => {
    while (ends.length > 0) await ends.pop()?.();
    host = undefined;
  };
  const open = async () => {
    await end();
    figures.hosts = (figures.hosts ?? 0) + 1;
    return HostProcess.open({ teardown: (run) => ends.push(run) }, simulator.args);
  };
  let cases = 0;
  try {
    await attack('frames', fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: LINES }), async (lines) => {
      if (cases++ % CASES === 0) host = undefined;
      host ??= await open();
      try {
        await answered(host, lines, cases);
        const { processId } = await host.result<{ processId: number }>('host.get');
        figures['most megabytes of a host'] = Math.max(figures['most megabytes of a host'] ?? 0, peakMemory(processId));
      } catch (error) {
        host = undefined;
        throw error;
      }
      figures.frames = (figures.frames ?? 0) + lines.length;
      figures.answers = (figures.answers ?? 0) + lines.filter((text) => isAnswered(text)).length;
    }), runs);
  } finally {
    await end();
    await simulator.dispose();
  }
  return figures;
}

async function answered(host: HostProcess, lines: readonly string[], number: number): Promise<void> {
  // Strings that no line has; the second is answered last, because everything else here is answered at once.
  host.write(lines.map((text) => `${text}\n`).join(''));
  const due = lines.filter((text) => isAnswered(text)).length;
  for (let index = 0; index < due; index += 1) {
    const answer = await host.nextLine();
    for (const { jsonrpc, result, error } of Array.isArray(answer) ? answer : [answer]) {
      assert.equal(jsonrpc, '2.0');
      assert.notEqual(result === undefined, error === undefined, 'a result or an error');
      assert.notEqual(error?.code, -32603, error?.message);
    }
  }
  const last = await host.raw(JSON.stringify({ jsonrpc: '2.0', id: `case ${number}`, method: 'host.get' }));
  assert.equal(Array.isArray(last) ? null : last.id, `case ${number}`, 'no answer too many');
}

/** Whether a line gets an answer: by JSON-RPC 2.0 and docs/host-protocol.md, in other words than the host's. */
function isAnswered(text: string): boolean {
  if (text.trim() === '') return false;
  if (text.length > 1 << 20) return true;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return true;
  }
  if (!Array.isArray(frame)) return !isNotification(frame);
  return frame.length === 0 || frame.length > 1000 || frame.some((item) => !isNotification(item));
}

function isNotification(frame: unknown): boolean {
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return false;
  const { jsonrpc, id: own, method, result, error } = frame as Record<string, unknown>;
  return jsonrpc === '2.0' && own === undefined && typeof method === 'string' && result === undefined && error === undefined;
}

/** Megabytes of a process at its largest, 0 where the system does not tell. */
function peakMemory(processId: number): number {
  if (process.platform !== 'linux') return 0;
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
