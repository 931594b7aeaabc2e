import * as v from 'valibot';
import { ADDRESS_FAMILIES, KINDS, LAST_PORT, OWN_KINDS, PROTOCOLS, STORES } from '../blocks.js';
import { LANGUAGES } from '../texts/text.js';

/**
 * The parameters of each method, as sent over the pipe. Strict objects: a misspelt name is an error, not a silent default.
 * The library checks what depends on several values (does the block end past port 65535?).
 */
const protocol = v.picklist(PROTOCOLS);
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LAST_PORT));
const portOrAny = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LAST_PORT));
const addressFamily = v.picklist(ADDRESS_FAMILIES);
const protocols = v.pipe(v.array(protocol), v.minLength(1), v.maxLength(2));
const ownKind = v.picklist(OWN_KINDS);
const kinds = v.pipe(v.array(v.picklist(KINDS)), v.maxLength(KINDS.length));
/** Kinds that have a token to bind from. */
const tokenKind = v.picklist(['persistent', 'runtime']);
const store = v.picklist(STORES);
/** A 64-bit number as a decimal string, because a double cannot hold it. */
const token = v.pipe(v.string(), v.regex(/^[1-9]\d{0,19}$/, 'a token is a decimal string'), v.transform((text) => BigInt(text)));
/** Milliseconds; 0 for no limit. */
const timeout = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fff_ffff));
/** A numeric address; the library checks which. */
const localAddress = v.pipe(v.string(), v.maxLength(64));
const processId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff));
const bindId = v.pipe(v.number(), v.integer(), v.minValue(1));

/** How many ports one request may ask about. */
const MAX_PORTS = 1_000;

/** How many ranges a purge may have. */
const MAX_RANGES = 1_000;
const planId = v.pipe(v.number(), v.integer(), v.minValue(1));

/** A list of blocks: the path of a file, or its content, which the library reads as strictly. */
function list<Path extends string, Blocks extends string>(path: Path, blocks: Blocks) {
  return { [path]: v.optional(v.pipe(v.string(), v.maxLength(32_767))), [blocks]: v.optional(v.unknown()) } as
    Record<Path, v.OptionalSchema<v.StringSchema<undefined>, undefined>> & Record<Blocks, v.OptionalSchema<v.UnknownSchema, undefined>>;
}

const block = { protocol, startPort: port, numberOfPorts: port };

export const PARAMS = {
  initialize: v.strictObject({
    protocolVersion: v.number(),
    /** The process that the host serves: when that ends, so does the host. */
    processId: v.optional(processId),
    client: v.optional(v.strictObject({ name: v.string(), version: v.string() })),
    /** Of everything that people read: errors, explanations, findings, and the map. */
    language: v.optional(v.picklist(LANGUAGES)),
    /** Whose words that has. The command line speaks for itself. */
    surface: v.optional(v.picklist(['library', 'powershell'])),
    /** How answers are written, that to this request included; `rows`: as the cmdlets read them, and in the words of PowerShell. */
    answers: v.optional(v.picklist(['json', 'rows'])),
  }),
  shutdown: v.optional(v.strictObject({})),
  'host.get': v.optional(v.strictObject({})),
  'request.undo': v.strictObject({
    ids: v.pipe(v.array(v.number()), v.minLength(1), v.maxLength(1_000)), given: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  'reservation.create': v.strictObject({
    kind: ownKind, protocols, startPort: v.optional(port), from: v.optional(port), numberOfPorts: port,
    store: v.optional(store), restartWinNat: v.optional(v.boolean()),
    addressFamily: v.optional(addressFamily), ifNotExists: v.optional(v.boolean()), timeout: v.optional(timeout),
  }),
  'reservation.get': v.strictObject({ kind: v.optional(tokenKind), ...block }),
  'reservation.list': v.optional(v.strictObject({
    protocols: v.optional(protocols), kinds: v.optional(kinds),
    store: v.optional(store), port: v.optional(v.union([port, v.pipe(v.array(port), v.minLength(1), v.maxLength(MAX_PORTS))])),
    partial: v.optional(v.boolean()),
  })),
  'reservation.remove': v.strictObject({ kind: ownKind, store: v.optional(store), ...block }),
  'reservation.find': v.strictObject({
    protocols, kinds: v.optional(kinds), startPort: port, numberOfPorts: port, any: v.optional(v.boolean()),
  }),
  'port.explain': v.strictObject({
    protocol, ports: v.pipe(v.array(port), v.minLength(1), v.maxLength(MAX_PORTS)),
    dynamicRange: v.optional(v.strictObject({ startPort: port, numberOfPorts: port })), localAddress: v.optional(localAddress),
  }),
  'health.measure': v.optional(v.strictObject({})),
  'dynamicRange.get': v.optional(v.strictObject({ protocols: v.optional(protocols) })),
  'dynamicRange.set': v.strictObject({
    protocols, addressFamilies: v.optional(v.pipe(v.array(addressFamily), v.minLength(1), v.maxLength(2))), startPort: port, numberOfPorts: port,
  }),
  'map.render': v.strictObject({
    protocols: v.optional(protocols), format: v.picklist(['text', 'svg', 'html']), color: v.optional(v.boolean()),
    width: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000))),
    height: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000))),
  }),
  'block.find': v.strictObject({ protocols, numberOfPorts: port, from: v.optional(port) }),
  'desiredState.plan': v.strictObject({
    ...list('path', 'blocks'), ...list('previousPath', 'previousBlocks'),
    purge: v.optional(v.boolean()), within: v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_RANGES))),
    restartWinNat: v.optional(v.boolean()),
  }),
  'desiredState.apply': v.strictObject({
    id: planId, skip: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0)))),
  }),
  'bind.create': v.strictObject({
    protocol, token: v.optional(token), kind: v.optional(tokenKind),
    startPort: v.optional(port), numberOfPorts: v.optional(port),
    port: v.optional(portOrAny), count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LAST_PORT))),
    addressFamily: v.optional(addressFamily), localAddress: v.optional(localAddress),
    dualStack: v.optional(v.boolean()), listen: v.optional(v.boolean()),
    backlog: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fff_ffff))),
    timeout: v.optional(timeout),
  }),
  'bind.duplicate': v.strictObject({ id: bindId, processId }),
  'bind.close': v.strictObject({ id: bindId }),
} as const;

export type Method = keyof typeof PARAMS;
export type Params<Name extends Method> = v.InferOutput<(typeof PARAMS)[Name]>;

/** The parameters, or every way in which they break the schema: `startPort: Invalid value: Expected <=65535`. */
export function parseParams<Name extends Method>(method: Name, params: unknown):
  { ok: true; params: Params<Name> } | { ok: false; issues: string[] } {
  const result = v.safeParse(PARAMS[method], params);
  if (result.success) return { ok: true, params: result.output as Params<Name> };
  return {
    ok: false,
    issues: result.issues.slice(0, 20).map((issue) => shorten(`${v.getDotPath(issue) ?? 'params'}: ${issue.message}`)),
  };
}

/** valibot quotes the value, which may be a megabyte. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
