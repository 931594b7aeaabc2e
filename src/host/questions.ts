import { blockWithoutToken, formatRange, toData } from '../blocks.js';
import { isLasting } from '../desired-state/desired.js';
import { isPortReservationError } from '../errors.js';
import { kindOf } from '../kinds/kinds.js';
import type { PortReservations } from '../port-reservations.js';
import { checkCreateRequest } from '../reservations/create-request.js';
import { checkDynamicPortRange } from '../reservations/dynamic-port-range.js';
import { findBlocks } from './find.js';
import { checkMapFile } from './map-file.js';
import type { Named } from './named.js';
import { fromCmdlet } from './parameters.js';
import { wordOf } from './rows.js';
import { parseParams } from './schemas.js';
import type { Method, Params } from './schemas.js';

/** Answers what a cmdlet asks before a request (`Ask`), and what it asks about a request to a host that was lost (`request.recall`). */
export function createQuestions(reservations: PortReservations) {
  /** What a request would be about, as -WhatIf and -Confirm show it, and whether a block that it would create is there already. */
  async function describe(method: Method, params: unknown) {
    if (method === 'map.render') {
      const { path = '', force = false } = params as Params<'map.render'>;
      await checkMapFile(path, force);
      return { Text: path, IsThere: false };
    }
    const { protocols, startPort, numberOfPorts, kind, addressFamilies = [] } = params as Named & { addressFamilies?: readonly string[] };
    if (method === 'dynamicRange.set') checkDynamicPortRange(params as Params<'dynamicRange.set'>);
    const ports = startPort === undefined ? `(${numberOfPorts})` : formatRange({ startPort, numberOfPorts });
    const words = kind ? [kind] : addressFamilies;
    return {
      Text: `${protocols.map(wordOf).join(' ')} ${ports}${words.map((word) => ` (${wordOf(word)})`).join('')}`,
      IsThere: method === 'reservation.create' && await exists(params as Params<'reservation.create'>),
    };
  }

  /** Whether a request with `ifNotExists` would find everything there and create nothing. */
  async function exists(request: Params<'reservation.create'>): Promise<boolean> {
    const { protocols } = checkCreateRequest(request);
    const { kind, startPort, numberOfPorts, store, ifNotExists } = request;
    if (!ifNotExists || startPort === undefined) return false;
    const blocks = protocols.map((protocol) => ({ protocol, startPort, numberOfPorts, kind, store })).filter(isLasting);
    return blocks.length > 0 && (await reservations.plan(blocks)).changes.every(({ change }) => change === 'none');
  }

  /**
   * What became of a request whose answer was lost with its host. `Done` is what it made or removed, `null` if it did not, or if that
   * cannot be known. `Left` is what is there of only one of two protocols.
   */
  async function recall({ method, params }: Params<'request.recall'>) {
    const { protocols, kind, startPort, numberOfPorts } = understand(method, params);
    const unknown = { Done: null, Left: [] };
    // A runtime reservation is gone with its host; a block that the system or a search was to choose cannot be told from others.
    if (kind === undefined || kindOf(kind).endsWithProcess || startPort === undefined) return unknown;
    const { reservations: there, missing, notRead } = await findBlocks(reservations,
      { protocols: [...protocols], kinds: [kind], startPort, numberOfPorts }, (error) => error.toData());
    if (notRead.length > 0) return unknown;
    if (method === 'reservation.create') return missing.length === 0 ? { Done: there, Left: [] } : { Done: null, Left: there };
    if (there.length > 0) return unknown;
    // Only the ports of what was removed are known, and not its token.
    return { Done: protocols.map((protocol) => toData(blockWithoutToken({ protocol, startPort, numberOfPorts }, kind, null))), Left: [] };
  }

  return { describe, recall };
}

function understand(method: 'reservation.create' | 'reservation.remove', params: unknown): Named {
  const parsed = parseParams(method, fromCmdlet(method, params));
  if (isPortReservationError(parsed)) throw parsed;
  return parsed as Named;
}
