import { isPortReservationError } from '../errors.js';
import { pictureOf } from '../map/render.js';
import { text } from '../texts/text.js';
import { isReadMethod, readBlock, withBindDefaults } from './named.js';
import type { Named, Tell } from './named.js';
import { blockRow, fromWords } from './rows.js';
import type { Method } from './schemas.js';

/** Parameters of a cmdlet that the method calls otherwise. */
const RENAMED: Partial<Record<Method, Readonly<Record<string, string>>>> = {
  'reservation.list': { Kind: 'kinds' }, 'reservation.find': { Kind: 'kinds' }, 'bind.create': { Protocol: 'protocol' },
};

/** Methods of which a cmdlet may ask first what a request would be about. */
const ASKED: ReadonlySet<Method> = new Set<Method>(['reservation.create', 'reservation.remove', 'dynamicRange.set', 'map.render']);

/** Whether a cmdlet only asks that. For another method, `Ask` is a parameter that there is not. */
export function isAsking(method: Method, params: unknown): boolean {
  return ASKED.has(method) && typeof params === 'object' && params !== null && 'Ask' in params;
}

/**
 * The parameters of a cmdlet, by the names and in the words that the method has, and with the defaults of the cmdlet: `row`, the object
 * that was piped in, is read here. What is given as a parameter precedes what the object says.
 *
 * @param tell is told the block that is asked for, or the index of the object that is read, before it may be refused
 */
export function fromCmdlet(method: Method, params: unknown, tell: Tell = () => {}): unknown {
  // All of those of the list may be left out.
  const own = fromWords(withOwnNames(method, params ?? (method === 'reservation.list' ? {} : params)));
  if (typeof own !== 'object' || own === null || hasNested(method, own)) return own;
  if (method === 'reservation.list') return { ...own, partial: true };
  if ('rows' in own) return withBlocks(own, tell);
  if (method === 'map.render' && 'path' in own && typeof own.path === 'string') return { format: pictureOf(own.path) ?? 'html', ...own };
  if (method === 'bind.create' && !('row' in own)) return withoutRow(own, tell);
  return isReadMethod(method) && !('protocol' in own) && method !== 'desiredState.plan' ? readBlock(method, own, tell) : own;
}

/** Parameters by the names of the method; those of a cmdlet begin with a capital letter. */
function withOwnNames(method: Method, params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
  const given = Object.entries(params).filter(([name]) => name !== 'Ask' || !ASKED.has(method));
  return Object.fromEntries(given.map(([name, value]: [string, unknown]) => {
    const names = RENAMED[method] ?? {};
    if (Object.hasOwn(names, name)) return [names[name], value];
    if (name === 'TimeoutSec') return ['timeout', typeof value === 'number' ? value * 1000 : value];
    if (name === 'Protocol') return ['protocols', [value].flat()];
    return [name.charAt(0).toLowerCase() + name.slice(1), value];
  }));
}

/** Whether a parameter beside the row has parts of its own: no cmdlet sends that, and the schema refuses it by its name. */
function hasNested(method: Method, own: object): boolean {
  const isPlain = (value: unknown) => typeof value !== 'object' || value === null;
  return isReadMethod(method) && method !== 'desiredState.plan'
    && Object.entries(own).some(([name, value]: [string, unknown]) => name !== 'row' && ![value].flat().every(isPlain));
}

/** A list of blocks that was piped in. One that is no block is an error of the whole list: without it, the list would be another one. */
function withBlocks({ rows, ...given }: { rows?: unknown }, tell: Tell): object {
  let names: unknown;
  const blocks = [rows].flat().flatMap((row: unknown, index) => {
    tell(index);
    // As the object before it has them.
    const { values, ...own } = (row ?? {}) as { names?: unknown; values?: unknown };
    if (values !== undefined) names = own.names ?? names;
    try {
      const whole = values === undefined ? own : { ...own, names, values };
      const { protocols, startPort, numberOfPorts, kind, store } = readBlock('desiredState.plan', { row: whole }, () => {}) as Named;
      return protocols.map((protocol) => ({ protocol, startPort, numberOfPorts, kind, store }));
    } catch (error) {
      throw isPortReservationError(error) ? error.amend({ advice: text('row.advice.list') }) : error;
    }
  });
  tell(undefined);
  return { ...given, blocks };
}

/** A bind by block or token. */
function withoutRow(params: object, tell: Tell): object {
  const bind: { protocol: unknown; startPort?: unknown; numberOfPorts?: unknown } = {
    protocol: 'tcp', ...'startPort' in params ? { numberOfPorts: 1 } : {}, ...withBindDefaults(params),
  };
  tell(blockRow({ ...bind, protocols: [bind.protocol], numberOfPorts: bind.numberOfPorts ?? 0 }));
  return bind;
}
