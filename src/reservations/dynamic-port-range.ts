import { ADDRESS_FAMILIES, endPortOf, LAST_PORT, PROTOCOLS, tcpFirst } from '../blocks.js';
import type { AddressFamily, PortRange, Protocol } from '../blocks.js';
import { checkAddressFamilies, checkPort, checkProtocols, checkRequest, checkText } from '../checks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Details } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../util/settle-all.js';
import { text } from '../texts/text.js';
import type { Text } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';
import { causeOfRefusal, netshSays, notMade, quoted, setDynamicPort, showDynamicPort, unreadable } from '../netsh/netsh.js';
import { nullWhenRefused } from '../netsh/excluded-port-ranges.js';
import { readOr } from './not-read.js';
import type { OnNotRead } from './not-read.js';

/** The ports that Windows assigns for a bind to port 0, and from which WinNAT takes its blocks (rule N8). */
export interface DynamicPortRange {
  /** First port, 1 to 65535, host byte order. */
  readonly startPort: number;
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
}

/** The dynamic range of one protocol and family (rule N8). */
export interface DynamicPortRangeSetting extends DynamicPortRange, PortRange {
  /** TCP or UDP: each has a range of its own. */
  readonly protocol: Protocol;
  /** IPv4 or IPv6: each has a range of its own. */
  readonly addressFamily: AddressFamily;
  /** Whether it is the range of a Windows where nobody changed it: 49152 to 65535. */
  readonly isDefault: boolean;
}

/** A new dynamic range, for {@link PortReservations.setDynamicPortRange}. Ports in host byte order. */
export interface DynamicPortRangeRequest extends DynamicPortRange {
  /** Whose range it is: `tcp`, `udp` or both. */
  readonly protocols: readonly Protocol[];
  /** Default both. */
  readonly addressFamilies?: readonly AddressFamily[] | undefined;
  /** Changes nothing if it is aborted before the first change; later it has no effect. */
  readonly signal?: AbortSignal | undefined;
}

/** The range of a Windows where nobody changed it (rule N8). */
export const DEFAULT_DYNAMIC_PORT_RANGE: DynamicPortRange = { startPort: 49152, numberOfPorts: 16384 };
/** What Windows accepts (rule N10). */
const LOWEST_START = 1025;
const LEAST_PORTS = 255;

async function getDynamicPortRange(native: Native, protocol: Protocol, family: AddressFamily): Promise<DynamicPortRange> {
  return parseDynamicPortRange(await showDynamicPort(native, family, protocol));
}

/** The range of IPv4; `null` if netsh fails and there is an `onNotRead`. */
export function dynamicPortRangeOr(native: Native, protocol: Protocol, onNotRead: OnNotRead): Promise<DynamicPortRange | null> {
  return readOr(native, getDynamicPortRange(native, protocol, 'IPv4'), null, { list: 'dynamicPortRange', protocol, onNotRead });
}

/** The dynamic range of each protocol and family, in this order; without those of IPv6 on a Windows that has no IPv6. */
export async function readDynamicPortRanges(native: Native, wanted: readonly Protocol[] = PROTOCOLS,
  families: readonly AddressFamily[] = ADDRESS_FAMILIES): Promise<DynamicPortRangeSetting[]> {
  const protocols = checkProtocols(wanted);
  const pairs = tcpFirst(protocols).flatMap((protocol) =>
    ADDRESS_FAMILIES.filter((family) => families.includes(family)).map((family) => ({ protocol, family })));
  const ranges = await settleAll(pairs.map(({ protocol, family }) => readRange(native, protocol, family)
    .catch((error: unknown) => (family === 'IPv6' && families.length > 1 ? nullWhenRefused(error) : Promise.reject(error as Error)))));
  return ranges.filter((range) => range !== null);
}

async function readRange(native: Native, protocol: Protocol, addressFamily: AddressFamily): Promise<DynamicPortRangeSetting> {
  const { startPort, numberOfPorts } = await getDynamicPortRange(native, protocol, addressFamily);
  const endPort = endPortOf({ startPort, numberOfPorts });
  return { protocol, addressFamily, startPort, endPort, numberOfPorts, isDefault: isSameRange({ startPort, numberOfPorts }, DEFAULT_DYNAMIC_PORT_RANGE) };
}

/** Checks a request before anything is done. @returns a copy, because its turn comes later, and the caller may change it meanwhile */
export function checkDynamicPortRangeRequest(request: DynamicPortRangeRequest): DynamicPortRangeRequest {
  checkRequest('request', request);
  const { protocols, addressFamilies = ADDRESS_FAMILIES, startPort, numberOfPorts, signal } = request;
  checkDynamicPortRange({ startPort, numberOfPorts });
  return { protocols: checkProtocols(protocols), addressFamilies: checkAddressFamilies(addressFamilies), startPort, numberOfPorts, signal };
}

/**
 * Changes the dynamic range of the protocols and families: all of them, or none if one fails. Neither netsh's text nor its
 * exit code is reliable, so each range is read again. One that another process has set meanwhile is a failure, and stays.
 *
 * @returns the ranges as they are now
 */
export async function changeDynamicPortRange(native: Native, request: DynamicPortRangeRequest): Promise<DynamicPortRangeSetting[]> {
  const { protocols, addressFamilies, signal } = request;
  const before = await untilAborted(signal, () => readDynamicPortRanges(native, protocols, addressFamilies));
  const changed: DynamicPortRangeSetting[] = [];
  try {
    for (const { protocol, addressFamily } of before) {
      // Read once more, because another process may have set it while an earlier one was being set.
      const old = await readRange(native, protocol, addressFamily);
      if (isSameRange(old, request)) continue;
      changed.push(old);
      await setRange(native, old, request);
    }
    const now = await readDynamicPortRanges(native, protocols, addressFamilies);
    const other = now.find((range) => !isSameRange(range, request));
    if (other) throw setByOther(other, request);
    return now;
  } catch (error) {
    const left = await restore(native, changed, request);
    throw left.length === 0 ? error : notRestored(error, left);
  }
}

/** Refuses what Windows would refuse, but says which value and why, before anything is changed (rule N10). */
export function checkDynamicPortRange({ startPort, numberOfPorts }: DynamicPortRange): void {
  checkPort('startPort', startPort);
  checkPort('numberOfPorts', numberOfPorts);
  if (startPort < LOWEST_START) throw invalid('startPort', startPort, text('rule.dynamicLowest', { lowest: LOWEST_START }));
  if (numberOfPorts < LEAST_PORTS) {
    throw invalid('numberOfPorts', numberOfPorts, text('rule.dynamicLeast', { least: LEAST_PORTS }));
  }
  const end = endPortOf({ startPort, numberOfPorts });
  if (end > LAST_PORT) {
    const most = LAST_PORT + 1 - startPort;
    throw invalid('numberOfPorts', numberOfPorts, most < LEAST_PORTS
      ? text('rule.dynamicTooHigh', { last: LAST_PORT, startPort, least: LEAST_PORTS, highest: LAST_PORT + 1 - LEAST_PORTS })
      : text('rule.dynamicMost', { most, startPort, last: LAST_PORT }));
  }
}

async function setRange(native: Native, old: DynamicPortRangeSetting, wanted: DynamicPortRange): Promise<void> {
  const { protocol, addressFamily } = old;
  const { said, cutOff } = await setDynamicPort(native, addressFamily, protocol, wanted);
  const now = await readRange(native, protocol, addressFamily);
  if (isSameRange(now, wanted)) return;
  if (!isSameRange(now, old)) throw setByOther(now, wanted);
  throw cutOff ?? refused(native, now, wanted, said);
}

/** Sets those ranges back that are still as this request set them. @returns those for which this failed */
async function restore(native: Native, changed: readonly DynamicPortRangeSetting[], wanted: DynamicPortRange): Promise<DynamicPortRangeSetting[]> {
  const left: DynamicPortRangeSetting[] = [];
  for (const old of [...changed].reverse()) {
    try {
      const now = await readRange(native, old.protocol, old.addressFamily);
      if (isSameRange(now, wanted)) await setRange(native, now, old);
    } catch {
      left.push(old);
    }
  }
  return left;
}

export function isSameRange(a: DynamicPortRange, b: DynamicPortRange): boolean {
  return a.startPort === b.startPort && a.numberOfPorts === b.numberOfPorts;
}

function refused(native: Native, now: DynamicPortRangeSetting, wanted: DynamicPortRange, said: string): PortReservationError {
  const command = { family: now.addressFamily.toLowerCase(), protocol: now.protocol, start: wanted.startPort, count: wanted.numberOfPorts };
  return notSet(now, wanted, netshSays(said), causeOfRefusal(native, text('range.refused.advice', command)));
}

function setByOther(now: DynamicPortRangeSetting, wanted: DynamicPortRange): PortReservationError {
  const why = text('range.setByOther', { range: `${now.startPort}-${now.endPort}` });
  return notSet(now, wanted, why, { reason: 'NativeError', code: 'EBUSY', advice: text('range.setByOther.advice') });
}

function notSet({ protocol, addressFamily: family }: DynamicPortRangeSetting, { startPort, numberOfPorts }: DynamicPortRange, why: Text,
  details: Pick<Details, 'reason' | 'code' | 'advice'>): PortReservationError {
  const range = `${startPort}-${endPortOf({ startPort, numberOfPorts })}`;
  return notMade(text('attempt.setRange', { protocol, family, range }), { protocol, startPort, numberOfPorts }, why, details);
}

function notRestored(cause: unknown, left: readonly DynamicPortRangeSetting[]): unknown {
  if (!(cause instanceof PortReservationError)) return cause;
  const ranges = left.map(({ protocol, addressFamily: family, startPort, endPort }) =>
    text('range.notRestored.one', { protocol, family, range: `${startPort}-${endPort}` }));
  return cause.amend({ message: text('range.notRestored', { error: cause.text, ranges }) });
}

/** A number behind words without one: a list of blocks has rows of numbers alone, and a damaged number more than one. */
const LABELLED = /^[^\d*]\D*(?<=[\s:=\uFF1A])(\d{1,10})$/;

/**
 * Parses the output of `netsh interface ipv4 show dynamicport tcp` (or `udp`) in any language, by the two numbers that each
 * end a line (rule N8).
 *
 * @throws PortReservationError: InvalidParameter for what is no text; NativeError (code EPROTO) if there are not two such numbers, or they
 *   are not a range of ports
 */
export function parseDynamicPortRange(output: string): DynamicPortRange {
  checkText('output', output);
  const numbers = output.split(/[\r\n]+/).flatMap((line) => LABELLED.exec(line.trim())?.[1] ?? []).map(Number);
  const [startPort = 0, numberOfPorts = 0] = numbers;
  if (numbers.length !== 2 || startPort < 1 || numberOfPorts < 1 || endPortOf({ startPort, numberOfPorts }) > LAST_PORT) {
    throw unreadable(text('netsh.unreadableRange', { start: quoted(output) }), 'netsh.unreadableRange.advice');
  }
  return { startPort, numberOfPorts };
}
