import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { endPortOf, LAST_PORT, pastLastPort, PROTOCOLS, STORES } from '../blocks.js';
import type { PortBlock, Store } from '../blocks.js';
import { invalid } from '../errors.js';
import { readCsv } from './csv.js';

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_BLOCKS = 100_000;

const portRule = `must be an integer from 1 to ${LAST_PORT} (rule P3)`;
const port = v.pipe(v.number(portRule), v.integer(portRule), v.minValue(1, portRule), v.maxValue(LAST_PORT, portRule));

/** What only informs the reader, or depends on the machine and its last restart. */
const ignored = v.optional(v.unknown());

/** An element of what `list --json` prints. Strict: a misspelt name is an error, not a silent default. */
const row = v.strictObject({
  protocol: v.picklist(PROTOCOLS, `must be ${PROTOCOLS.join(' or ')} (rule P7)`),
  startPort: port,
  numberOfPorts: port,
  endPort: v.optional(port),
  kind: v.picklist(['persistent', 'exclusion'],
    'must be persistent or exclusion: a runtime reservation belongs to the process that made it, and a system block to another program'),
  store: v.nullish(v.picklist(STORES, `must be ${STORES.join(' or ')}`)),
  token: ignored, addressFamily: ignored, owningProcess: ignored, created: ignored,
}, ({ expected }) => {
  if (expected === 'Object') return 'must be an object';
  return expected === 'never' ? 'must be left out: list --json prints no such member' : 'must be given';
});

/** Its members: the cmdlets' objects have them too, with a capital letter. */
const NAMES = Object.keys(row.entries);

const block = v.pipe(
  row,
  v.forward(v.check(({ kind, store }) => !(kind === 'persistent' && store === 'active'),
    'must be persistent for a persistent reservation'), ['store']),
  v.forward(v.check((value) => value.endPort === undefined || value.endPort === endPortOf(value),
    'must be startPort + numberOfPorts - 1'), ['endPort']),
  v.forward(v.check((value) => endPortOf(value) <= LAST_PORT, ({ input }) =>
    pastLastPort(input)), ['numberOfPorts']),
);

const blocks = v.pipe(
  v.array(v.unknown(), 'must be a JSON array, as list --json prints it'),
  v.maxLength(MAX_BLOCKS, ({ received }) => `must have at most ${MAX_BLOCKS} elements, and has ${received}`),
  v.array(block),
);

export interface InputBlock extends PortBlock {
  readonly kind: 'persistent' | 'exclusion';
  /** Exclusions only. */
  readonly store: Store | undefined;
}

/** The blocks in a file of JSON or CSV, or on stdin. If one breaks a rule, throws an error that names it. */
export async function readInput(path: string, delimiter?: string): Promise<InputBlock[]> {
  const text = decode(path, await read(path));
  const isJson = /^\s*([[{]|null\b|$)/.test(text);
  if (isJson && delimiter !== undefined) throw invalid('delimiter', delimiter, `applies only to a table, and ${path} is JSON`);
  const rows = isJson ? undefined : await readCsv(path, text, delimiter);
  const input = rows ? rows.map(({ block }) => block) : parseJson(path, text);
  const result = v.safeParse(blocks, withOwnNames(input), { abortEarly: true });
  if (result.success) {
    return result.output.map(({ protocol, startPort, numberOfPorts, kind, store }) =>
      ({ protocol, startPort, numberOfPorts, kind, store: kind === 'exclusion' ? store ?? undefined : undefined }));
  }
  const [issue] = result.issues;
  const [index, member] = issue.path ?? [];
  const place = index === undefined ? '' : rows ? ` line ${rows[Number(index.key)]?.line}` : `[${String(index.key)}]`;
  const name = `input${place}${member ? `${rows ? ' ' : '.'}${String(member.key)}` : ''}`;
  // For a rule on the whole block, the input is the block, but the path has the member's value.
  throw invalid(name, member ? member.value : issue.input, issue.message);
}

/**
 * Gives what the cmdlets wrote the names of `list --json`. ConvertTo-Json writes a single object without brackets, and Windows
 * PowerShell may write an array as `{ value, Count }`. Without a number of ports, the last port gives it.
 */
function withOwnNames(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(withOwnMembers);
  if (typeof input !== 'object' || input === null) return input;
  const { value, Count: count, ...rest } = input as Record<string, unknown>;
  if (Array.isArray(value) && count === value.length && Object.keys(rest).length === 0) return value.map(withOwnMembers);
  return [withOwnMembers(input)];
}

function withOwnMembers(element: unknown): unknown {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return element;
  const members = Object.entries(element).map(([key, value]: [string, unknown]) => {
    const name = NAMES.find((own) => own === key || own === key.charAt(0).toLowerCase() + key.slice(1)) ?? key;
    return [name, typeof value === 'string' && ['protocol', 'kind', 'store'].includes(name) ? value.toLowerCase() : value] as const;
  });
  const block = Object.fromEntries(members) as Record<string, unknown>;
  const { startPort, endPort } = block;
  if (block['numberOfPorts'] !== undefined || typeof startPort !== 'number' || typeof endPort !== 'number') return block;
  return { ...block, numberOfPorts: endPort - startPort + 1 };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('input', path, `must be JSON: ${(error as Error).message}`);
  }
}

async function read(path: string): Promise<Buffer> {
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw invalid('input', path, `must be a file that can be read: ${(error as Error).message}`);
  }
  if (bytes > MAX_BYTES) throw invalid('input', path, `must have at most ${MAX_BYTES} bytes`);
  return Buffer.concat(chunks);
}

/** UTF-8, or UTF-16 as Windows PowerShell writes with `>`. A byte order mark is not part of the text. */
function decode(path: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw invalid('input', path, 'must be text in UTF-8, or in UTF-16 with a byte order mark');
  }
}
