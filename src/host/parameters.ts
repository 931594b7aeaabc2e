import { isPortReservationError } from '../errors.js';
import { pictureOf } from '../map/render.js';
import { text } from '../texts/text.js';
import { isReadMethod, readBlock, withBindDefaults } from './named.js';
import type { Named, Tell } from './named.js';
import { blockRow, fromWords } from './rows.js';
import type { Method } from './schemas.js';

/** Parameters of a cmdlet for which the method has another name. */
const RENAMED: Partial<Record<Method, Readonly<Record<string, string>>>> = {
  'reservation.list': { Kind: 'kinds' }, 'reservation.find': { Kind: 'kinds' }, 'bind.create': { Protocol: 'protocol' },
};

/** Methods for which a cmdlet may ask first, with the parameter `Ask`, what a request would be about. */
const ASKED: ReadonlySet<Method> = new Set<Method>(['reservation.create', 'reservation.remove', 'dynamicRange.set', 'map.render']);

/** Whether a cmdlet only asks that. For any other method, `Ask` is an unknown parameter. */
export function isAsking(method: Method, params: unknown): boolean {
  return ASKED.has(method) && typeof params === 'object' && params !== null && 'Ask' in params;
}

/**
 * Translates the parameters of a cmdlet into those of the method: its names, its words, the cmdlet's defaults, and the piped object
 * (`row`). A parameter wins over what the object says.
 *
 * @param tell is called before anything is refused, with the block that is asked for or the index of the object that is read
 */
export function fromCmdlet(method: Method, params: unknown, tell: Tell = () => {}): unknown {
  // A list may be asked for without any parameters.
  const own = fromWords(withOwnNames(method, params ?? (method === 'reservation.list' ? {} : params)));
  if (typeof own !== 'object' || own === null || hasNested(method, own)) return own;
  return COMPLETE[method]?.(own, tell) ?? (isReadMethod(method) && !('protocol' in own) ? readBlock(method, own, tell) : own);
}

/** The methods whose parameters are not those of one block; nothing where they are. */
const COMPLETE: Partial<Record<Method, (own: object, tell: Tell) => object | undefined>> = {
  'reservation.list': (own) => ({ ...own, partial: true }),
  'map.render': (own) => ('path' in own && typeof own.path === 'string' ? { format: pictureOf(own.path) ?? 'html', ...own } : own),
  'desiredState.plan': (own, tell) => ('rows' in own ? withBlocks(own, tell) : own),
  'bind.create': (own, tell) => ('row' in own ? undefined : withoutRow(own, tell)),
};

/** Parameters under the names of the method. Those of a cmdlet begin with a capital letter. */
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

/** Whether a parameter besides `row` is an object or a nested list. No cmdlet sends that; it is left as it is, for the schema to refuse. */
function hasNested(method: Method, own: object): boolean {
  const isPlain = (value: unknown) => typeof value !== 'object' || value === null;
  return isReadMethod(method) && method !== 'desiredState.plan'
    && Object.entries(own).some(([name, value]: [string, unknown]) => name !== 'row' && ![value].flat().every(isPlain));
}

/** A list of blocks that was piped in. An object that is no block is an error of the whole list, which would be a different one without it. */
function withBlocks({ rows, ...given }: { rows?: unknown }, tell: Tell): object {
  let names: unknown;
  const blocks = [rows].flat().flatMap((row: unknown, index) => {
    tell(index);
    // A row without names has those of the row before it.
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
  const bind = { protocol: 'tcp', ...withBindDefaults(params) };
  // A token names no block.
  if (!('startPort' in params)) return bind;
  const block = { numberOfPorts: 1, ...bind };
  tell(blockRow({ ...block, protocols: [bind.protocol], startPort: params.startPort }));
  return block;
}
