import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { isPortReservationError, PortReservationError } from '../errors.js';
import type { Details, Reason } from '../errors.js';
import type { AddressFamily, PortBlock, Ports, Protocol, Store } from '../blocks.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';

/** Where netsh is, and what decodes its output. */
type Netsh = Pick<Native, 'libraries' | 'kernel32'>;

/** What netsh said about a change. Only the list shows whether it was made. */
export interface Said {
  /** The output of netsh. */
  readonly said: string;
  /** The error if netsh could not be started, was ended, or wrote too much. */
  readonly cutOff: PortReservationError | null;
  /** Whether netsh may have made the change. If not, a change in the list is somebody else's. */
  readonly started: boolean;
}

const LIMITS = {
  /** How many run at a time. A list needs six, and the dynamic ranges two. */
  atOnce: 8,
  /** Bytes of output. A row has 30, and there are at most 65,535. */
  output: 1 << 24,
} as const;

/** The text of `netsh interface ipv4|ipv6 show excludedportrange`: the blocks in force now, or those that survive a restart. */
export function showExcludedPortRange(native: Netsh, family: AddressFamily, protocol: Protocol, store: Store): Promise<string> {
  // "active" is netsh's default, and every Windows accepts the short form.
  return show(native, family, ['excludedportrange', `protocol=${protocol}`, ...store === 'active' ? [] : [`store=${store}`]]);
}

/** The text of `netsh interface ipv4|ipv6 show dynamicport` (rule N8). */
export function showDynamicPort(native: Netsh, family: AddressFamily, protocol: Protocol): Promise<string> {
  return show(native, family, ['dynamicport', protocol]);
}

/** Sets the dynamic range of one family, through restarts (rule N10), and returns netsh's text; only the range shows whether it worked. */
export function setDynamicPort(native: Netsh, family: AddressFamily, protocol: Protocol, { startPort, numberOfPorts }: Ports): Promise<Said> {
  return change(native, ['interface', family.toLowerCase(), 'set', 'dynamicport', protocol,
    `start=${startPort}`, `num=${numberOfPorts}`]);
}

/**
 * Adds an administered exclusion (rule N3), and returns netsh's text; only the list shows whether it worked.
 *
 * @param signal rejects with its reason, until netsh is started
 */
export function addExcludedPortRange(native: Netsh, block: PortBlock, store: Store, signal?: AbortSignal): Promise<Said> {
  return change(native, excludedPortRange('add', block, store), signal);
}

/** Deletes an administered exclusion from one of the two lists. As {@link addExcludedPortRange}. */
export function deleteExcludedPortRange(native: Netsh, block: PortBlock, store: Store): Promise<Said> {
  return change(native, excludedPortRange('delete', block, store));
}

function excludedPortRange(verb: 'add' | 'delete', { protocol, startPort, numberOfPorts }: PortBlock, store: Store): string[] {
  return ['interface', 'ipv4', verb, 'excludedportrange', `protocol=${protocol}`,
    `startport=${startPort}`, `numberofports=${numberOfPorts}`, `store=${store}`];
}

/** Codes of a netsh that was started, but whose output is incomplete. */
const CUT_OFF: ReadonlySet<string> = new Set(['ECANCELED', 'ENOBUFS', 'ETIMEDOUT']);

/** For each system: how many may run at a time, and the readings that have not begun. */
const queues = new WeakMap<Native['libraries'], { limit: ReturnType<typeof pLimit>; waiting: Map<string, Promise<string>> }>();

function queueOf({ libraries }: Netsh) {
  const queue = queues.get(libraries) ?? { limit: pLimit(LIMITS.atOnce), waiting: new Map<string, Promise<string>>() };
  queues.set(libraries, queue);
  return queue;
}

/**
 * Reads a list. Those who ask for the same before netsh is started share one reading, so a thousand requests need only a few
 * processes. A reading under way is not shared, because it may be older than a change that the one who asks has just made.
 */
function show(native: Netsh, family: AddressFamily, args: string[]): Promise<string> {
  const { waiting } = queueOf(native);
  const key = [family, ...args].join(' ');
  const reading = waiting.get(key) ?? enqueue(native, async () => {
    // Requests that come in the same turn of the event loop join.
    await setImmediate();
    waiting.delete(key);
    return read(native, family, args);
  });
  waiting.set(key, reading);
  return reading;
}

function enqueue<Result>(native: Netsh, work: () => Promise<Result>): Promise<Result> {
  return queueOf(native).limit(work);
}

/** The line below a title. With it, netsh has begun to write a list. */
const BEGUN = /^[ \t]*-{3,}/m;

/** How many characters of an unreadable text an error quotes. */
const QUOTED = 120;

/**
 * Runs netsh, and once more if it fails. A refusal (EIO) is taken for "this Windows has no such list", but a netsh that was ended from
 * outside has an exit code too. Only a netsh that refuses says the same twice.
 */
async function read(native: Netsh, family: AddressFamily, args: string[]): Promise<string> {
  const all = ['interface', family.toLowerCase(), 'show', ...args];
  const first = await run(native, all);
  const { output, failure } = first.failure ? await run(native, all) : first;
  if (!failure) return checkWhole(native, output);
  if (output.trim() === '') throw netshError(native, text('netsh.exitCode', { code: failure.code }), failure, 'ENOEXEC');
  throw netshError(native, output, failure, output === first.output && isWhole(output) && !BEGUN.test(output) ? 'EIO' : 'ECANCELED');
}

/** Refuses output that was cut off: rows may be missing, and the last number may be too small. */
function checkWhole(native: Netsh, output: string): string {
  if (output.trim() === '' || isWhole(output)) return output;
  throw netshError(native, output.trimEnd().slice(-QUOTED), null, 'EPROTO');
}

/** Whether output is complete: all that netsh writes ends with a line end. */
function isWhole(output: string): boolean {
  return /[\r\n]/.test(output.slice(output.trimEnd().length));
}

/** The error for output that is complete, but cannot be read. */
export function unreadable(why: Text, advice: 'netsh.unreadableTable.advice' | 'netsh.unreadableRange.advice'): PortReservationError {
  return new PortReservationError(why, { reason: 'NativeError', code: 'EPROTO', syscall: 'netsh', advice: text(advice) });
}

/** The beginning of some output, on one line, for an error. */
export function quoted(said: string): string {
  return said.trim().slice(0, QUOTED).replace(/\s+/g, ' ');
}

async function change(native: Netsh, args: string[], signal?: AbortSignal): Promise<Said> {
  // Before it gets into the queue, where its rejection would be nobody's.
  signal?.throwIfAborted();
  const turn = { hasCome: false };
  const running = enqueue(native, async () => {
    signal?.throwIfAborted();
    turn.hasCome = true;
    return run(native, args);
  });
  try {
    // Its turn may be long in coming. From then on, netsh may make the change.
    const { output } = await untilAborted(signal, () => running).catch((error: unknown) => (turn.hasCome ? running : Promise.reject(error as Error)));
    return { said: output, cutOff: null, started: true };
  } catch (error) {
    // The reason of an abort may be an error of this package as well.
    if (!turn.hasCome || !isPortReservationError(error)) throw error;
    return { said: '', cutOff: error, started: CUT_OFF.has(error.code) };
  }
}

/**
 * Runs netsh by its full path, arguments as a list, in an environment of its own. An exit code other than 0 is returned as
 * a `failure`; if netsh did not run to its end, that is thrown: half a list must not pass for a list.
 */
async function run(native: Netsh, args: string[]): Promise<{ output: string; failure: (Error & { code: number }) | null }> {
  const { netsh, netshEnvironment, netshTimeout } = native.libraries;
  const textOf = (bytes: Buffer | undefined) => native.kernel32.decodeOem(bytes ?? Buffer.alloc(0));
  const late = (cause: Error | null) => netshError(native, text('netsh.noAnswer', { seconds: netshTimeout / 1000 }), cause, 'ETIMEDOUT');
  try {
    const running = promisify(execFile)(netsh, args, {
      encoding: 'buffer', env: netshEnvironment, timeout: netshTimeout, windowsHide: true, maxBuffer: LIMITS.output,
      // SIGKILL cannot be caught. A netsh that ended in its own way would look as if it had answered.
      killSignal: 'SIGKILL',
      // netsh loads helper DLLs by bare name, which must not be from a folder that anyone can write to.
      cwd: dirname(netsh),
    });
    const { stdout } = await running;
    // If the time is over just when netsh has ended, execFile succeeds with as much output as was read.
    if (running.child.stdout?.readableEnded !== true) throw late(null);
    return { output: textOf(stdout), failure: null };
  } catch (cause) {
    if (isPortReservationError(cause)) throw cause;
    const failure = cause as Error & { stdout?: Buffer; code?: string | number | null; killed?: boolean; signal?: string };
    const { code } = failure;
    if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw netshError(native, text('netsh.tooLong', { most: LIMITS.output }), failure, 'ENOBUFS');
    if (failure.killed) throw late(failure);
    if (typeof code === 'number') return { output: textOf(failure.stdout), failure: Object.assign(failure, { code }) };
    throw netshError(native, failure.message, failure, failure.signal ? 'ECANCELED' : code ?? 'UNKNOWN');
  }
}

/** The error of a change that was not made. */
export function notMade(attempt: Text, block: PortBlock, why: Text, details: Pick<Details, 'reason' | 'code' | 'advice'>): PortReservationError {
  const message = text('error.refused', { code: details.code, attempt, why });
  return new PortReservationError(message, { ...details, syscall: 'netsh', block });
}

/** What netsh refuses a change for, as far as that can be told: the usual cause is the lack of elevation. @param advice for an elevated process */
export function causeOfRefusal(native: Pick<Native, 'isElevated'>, advice: Text): Pick<Details, 'reason' | 'code' | 'advice'> {
  return native.isElevated() ? { reason: 'NativeError', code: 'EIO', advice } : { reason: 'AccessDenied', code: 'EPERM', advice: text('advice.elevate') };
}

/** What netsh said, in the language of Windows, as part of a message. */
export function netshSays(said: string): Text {
  const words = wordsOf(said);
  return words === '' ? text('netsh.saysNothing') : text('netsh.says', { said: words });
}

/** On one line, without the full stop, because the message goes on. */
function wordsOf(said: string): string {
  return said.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}

/**
 * @param code EIO: netsh refused; EPROTO: its answer is cut off; ENOBUFS: it said too much; ETIMEDOUT, ECANCELED: it did not answer, or
 *   was ended; ENOEXEC: it ended without a word; else why it did not start
 */
function netshError(native: Netsh, said: string | Text, cause: Error | null, code: string): PortReservationError {
  const [reason, what, advice] = MEANINGS[code] ?? NOT_STARTED;
  const short = typeof said === 'string' ? wordsOf(said.trimStart().slice(0, 1000)).slice(0, 200) : said;
  const { netsh } = native.libraries;
  return new PortReservationError(what === 'netsh.missing' ? text(what, { code, netsh }) : text(what, { code, netsh, said: short }), {
    reason, code, syscall: 'netsh', advice: text(advice),
  }, cause ? { cause } : {});
}

/** The reason, the message and the advice. */
type Meaning = readonly [Reason, 'netsh.failed' | 'netsh.cutOff' | 'netsh.silent' | 'netsh.ended' | 'netsh.notStarted' | 'netsh.missing', PlainId];

const FAILED: Meaning = ['NativeError', 'netsh.failed', 'netsh.failed.advice'];
const NOT_STARTED: Meaning = ['NativeError', 'netsh.notStarted', 'netsh.notStarted.advice'];
const NO_FILES: Meaning = ['NativeError', 'netsh.notStarted', 'netsh.notStarted.files'];
const NO_MEMORY: Meaning = ['NativeError', 'netsh.notStarted', 'netsh.notStarted.memory'];
const MEANINGS: Readonly<Record<string, Meaning>> = {
  EIO: FAILED,
  ENOBUFS: FAILED,
  ECANCELED: FAILED,
  EPROTO: ['NativeError', 'netsh.cutOff', 'netsh.failed.advice'],
  ENOEXEC: ['NativeError', 'netsh.silent', 'netsh.failed.advice'],
  ETIMEDOUT: ['OperationTimeout', 'netsh.ended', 'netsh.failed.advice'],
  ENOENT: ['NotSupported', 'netsh.missing', 'netsh.missing.advice'],
  EMFILE: NO_FILES,
  ENFILE: NO_FILES,
  EAGAIN: NO_MEMORY,
  ENOMEM: NO_MEMORY,
};
