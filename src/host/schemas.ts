import * as v from 'valibot';
import { ADDRESS_FAMILIES, KINDS, LAST_PORT, OWN_KINDS, PROTOCOLS, STORES, TOKEN_KINDS } from '../blocks.js';
import { LARGEST_EXTENT } from '../checks.js';
import { allInvalid } from '../errors.js';
import type { Fault, PortReservationError } from '../errors.js';
import { membersRule, oneOf, rule, RULE, ruleOf } from '../rules.js';
import { shortened } from '../util/plain-text.js';
import { nameOf } from '../texts/surfaces.js';
import { joined, LANGUAGES, text } from '../texts/text.js';
import type { Value } from '../texts/text.js';

/**
 * Schemas of the parameters of each method, as they come over the pipe. Objects are strict, so that a misspelt name is an error and
 * not a silent default. What depends on several values (does the block end past port 65535?) is checked by the library.
 */
const boolean = v.optional(v.boolean(RULE.boolean));
const protocol = v.picklist(PROTOCOLS, RULE.protocol);
const port = integer(1, LAST_PORT, RULE.port);
const portOrAny = integer(0, LAST_PORT, rule(() => text('rule.port', { lowest: 0, highest: LAST_PORT, rule: 'A2' })));
const addressFamily = v.picklist(ADDRESS_FAMILIES, rule(() => text('rule.addressFamily')));
/** Each once: what is done for each protocol would fail the second time. */
const protocols = v.pipe(list(protocol, 1, 2), v.transform((all) => [...new Set(all)]));
const ownKind = word(OWN_KINDS);
const kinds = list(word(KINDS), 0, KINDS.length);
const tokenKind = word(TOKEN_KINDS);
const store = word(STORES);
const tokenRule = rule(() => text('rule.token.digits'));
/** A 64-bit number as a decimal string, because a double cannot hold it. */
const token = v.pipe(v.string(tokenRule), v.regex(/^[1-9]\d{0,19}$/, tokenRule), v.transform((digits) => BigInt(digits)));
const number = v.number(rule(() => text('rule.number')));
/** Milliseconds; 0 for no limit. */
const timeout = integer(0, 0x7fff_ffff, rule(() => text('rule.timeout')));
/** A numeric address. The library checks it. */
const localAddress = words(64);
const processId = integer(1, 0xffff_ffff);
const bindId = integer(1, Number.MAX_SAFE_INTEGER);
const planId = bindId;
/** No path of Windows is longer. */
const path = v.optional(words(32_767));

/** How many ports one request may ask about. */
const MAX_PORTS = 1_000;

/** How many ranges a purge may have. */
const MAX_RANGES = 1_000;
const ports = list(port, 1, MAX_PORTS);

function integer(lowest: number, highest: number, message = rule(() => text('rule.integer', { lowest, highest }))) {
  return v.pipe(v.number(message), v.integer(message), v.minValue(lowest, message), v.maxValue(highest, message));
}

function word<const Word extends string>(values: readonly Word[]) {
  return v.picklist(values, oneOf(values));
}

/** Text of at most so many characters. */
function words(most: number) {
  return v.pipe(v.string(RULE.text), v.maxLength(most, rule(() => text('rule.text.most', { most }))));
}

function list<Item extends v.GenericSchema>(item: Item, least: number, most: number) {
  const message = rule(() => text('rule.list', { least, most }));
  return v.pipe(v.array(item, message), v.minLength(least, message), v.maxLength(most, message));
}

const noParameter = rule(() => text('rule.parameter.none'));

function strict<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, membersRule(noParameter));
}

const block = { protocol, startPort: port, numberOfPorts: port };
const dynamicRange = strict({ startPort: port, numberOfPorts: port });

/** The parameters of another request, which its own schema checks. */
const anyParameters = v.record(v.string(), v.unknown(), RULE.object);

/** A piped object, as `Read-Row` of the module writes it. `block-files/piped.ts` says what it means. */
const member = v.nullable(v.union([v.number(RULE.text), v.string(RULE.text), v.array(v.string(RULE.text), RULE.text)], RULE.text));
const strings = v.array(v.string(RULE.text), RULE.text);
const row = strict({
  value: v.optional(v.union([v.number(RULE.text), v.string(RULE.text)], RULE.text)),
  names: v.optional(strings), values: v.optional(v.array(member, RULE.text)), properties: v.optional(strings),
  isList: boolean, protocol: v.optional(protocol), fault: v.optional(v.string(RULE.text)),
});

export const PARAMS = {
  initialize: strict({
    protocolVersion: number,
    /** The process that the host serves: when that ends, so does the host. */
    processId: v.optional(processId),
    client: v.optional(strict({ name: v.string(RULE.text), version: v.string(RULE.text) })),
    /** The language of all that people read: errors, explanations, findings, and the map. */
    language: v.optional(word(LANGUAGES)),
    /** Whose words these texts have: those of the library or of the cmdlets. The command line makes its own texts. */
    surface: v.optional(word(['library', 'powershell'])),
    /** How answers are written from this one on: as JSON, or as rows, which the cmdlets read and which have PowerShell's words. */
    answers: v.optional(word(['json', 'rows'])),
  }),
  shutdown: v.optional(strict({})),
  'host.get': v.optional(strict({})),
  'request.recall': strict({ method: word(['reservation.create', 'reservation.remove']), params: anyParameters }),
  'request.undo': strict({
    ids: list(v.union([v.number(), v.string()], rule(() => text('rule.requestId'))), 1, 1_000), given: v.optional(integer(0, Number.MAX_SAFE_INTEGER)),
  }),
  'reservation.create': strict({
    kind: ownKind, protocols, startPort: v.optional(port), from: v.optional(port), numberOfPorts: port,
    store: v.optional(store), restartWinNat: boolean,
    addressFamily: v.optional(addressFamily), ifNotExists: boolean, timeout: v.optional(timeout),
  }),
  'reservation.get': strict({ kind: v.optional(tokenKind), ...block }),
  'reservation.list': v.optional(strict({
    protocols: v.optional(protocols), kinds: v.optional(kinds),
    store: v.optional(store), port: v.optional(v.union([port, ports], rule(() => text('rule.list', { least: 1, most: MAX_PORTS })))),
    partial: boolean,
  })),
  'reservation.remove': strict({ kind: ownKind, store: v.optional(store), ...block, protocol: v.optional(protocol), protocols: v.optional(protocols) }),
  'reservation.find': strict({
    protocols, kinds: v.optional(kinds), startPort: port, numberOfPorts: port, any: boolean,
  }),
  'port.explain': strict({
    protocol, ports,
    dynamicRange: v.optional(dynamicRange), localAddress: v.optional(localAddress),
  }),
  /** For `Test-PortReservation`. */
  'port.test': strict({
    protocols, startPort: port, numberOfPorts: port, skip: v.optional(integer(0, 2 * LAST_PORT)), localAddress: v.optional(localAddress),
    quiet: boolean, several: boolean,
  }),
  'health.measure': v.optional(strict({})),
  'dynamicRange.get': v.optional(strict({ protocols: v.optional(protocols) })),
  'dynamicRange.set': strict({
    protocols, addressFamilies: v.optional(list(addressFamily, 1, 2)), startPort: port, numberOfPorts: port,
  }),
  'map.render': strict({
    protocols: v.optional(protocols), format: word(['text', 'svg', 'html']), color: boolean,
    /** The file to write it to. */
    path, force: boolean,
    width: v.optional(integer(1, LARGEST_EXTENT)), height: v.optional(integer(1, LARGEST_EXTENT)),
  }),
  'block.find': strict({ protocols, numberOfPorts: port, from: v.optional(port) }),
  'desiredState.plan': strict({
    /** Each list is the path of a file, or what such a file would have, which is read as strictly. */
    path, blocks: v.optional(v.unknown()), previousPath: path, previousBlocks: v.optional(v.unknown()),
    purge: boolean, within: v.optional(list(v.string(RULE.text), 0, MAX_RANGES)),
    restartWinNat: boolean,
  }),
  'desiredState.apply': strict({
    id: planId, skip: v.optional(v.array(integer(0, Number.MAX_SAFE_INTEGER), rule(() => text('rule.numbers')))), all: boolean,
  }),
  'bind.create': strict({
    protocol, token: v.optional(token), kind: v.optional(tokenKind),
    startPort: v.optional(port), numberOfPorts: v.optional(port),
    port: v.optional(portOrAny), count: v.optional(integer(1, LAST_PORT)),
    addressFamily: v.optional(addressFamily), localAddress: v.optional(localAddress),
    dualStack: boolean, listen: boolean,
    backlog: v.optional(integer(1, 0x7fff_ffff)),
    timeout: v.optional(timeout),
  }),
  'bind.duplicate': strict({ id: bindId, processId }),
  'bind.close': strict({ id: bindId }),
} as const;

export type Method = keyof typeof PARAMS;
export type Params<Name extends Method> = v.InferOutput<(typeof PARAMS)[Name]>;

/** How many faults one error names. A request may have any number. */
const MOST_FAULTS = 20;

/** A piped object. Throws an error that names how it breaks the schema. */
export function parseRow(value: unknown): v.InferOutput<typeof row> {
  const result = v.safeParse(row, value);
  if (result.success) {
    const { names = [], values = [] } = result.output;
    if (names.length === values.length) return result.output;
    throw allInvalid([{ name: 'row', value, rule: text('rule.rowValues', { names: names.length, values: values.length }) }]);
  }
  throw allInvalid([{ name: 'row', value, rule: ruleOf(result.issues[0]) }]);
}

/** The parameters; or, returned and not thrown, an error that names every way in which they break the schema. */
export function parseParams<Name extends Method>(method: Name, params: unknown): Params<Name> | PortReservationError {
  // Each value is reported once, with the first rule that it breaks.
  const result = v.safeParse(PARAMS[method], params, { abortPipeEarly: true });
  if (result.success) return result.output;
  const faults: Fault[] = result.issues.slice(0, MOST_FAULTS).map((issue) => ({
    // For an unknown name, valibot's input is the name itself, and the path has its value.
    name: nameOfParameter(issue), value: issue.path?.length ? issue.path.at(-1)?.value : issue.input, rule: ruleOf(issue),
  }));
  return allInvalid(faults);
}

/** `protocols[1]`, `client.version`; `params` if the fault is in no single parameter. */
function nameOfParameter({ path = [] }: { path?: readonly v.IssuePathItem[] | undefined }): Value {
  const [first, ...rest] = path.map(({ key }) => key as string | number);
  if (first === undefined) return 'params';
  return joined([nameOf(shortened(String(first))), ...rest.map((key) => (typeof key === 'number' ? `[${key}]` : `.${shortened(key)}`))], '');
}
