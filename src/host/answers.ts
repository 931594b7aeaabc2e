import { createJSONRPCErrorResponse, isJSONRPCID, JSONRPCErrorCode } from 'json-rpc-2.0';
import type { JSONRPCID, JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import pLimit from 'p-limit';
import { settleAll } from '../settle-all.js';
import { asciiJson } from '../text.js';
import { MAX_LINE } from './lines.js';
import { toPowerShell } from './powershell.js';
import { toRow } from './rows.js';
import type { Method } from './schemas.js';

const MAX_BATCH = 1_000;
/** Characters of an id that is a string. */
const MAX_ID = 256;
/** Requests under way, those of batches included. */
const MAX_UNDER_WAY = 10_000;
/** Characters of the results of queries in one line; the longest string of V8 has 32 times as many. */
const MAX_ANSWER = 1 << 24;
/** Queries at work at a time: each may hold a megabyte until its answer is written. */
const MAX_QUERIES = 64;

/** Error codes besides those of JSONRPCErrorCode. The last is that of the Language Server Protocol. */
export const ErrorCode = {
  PortReservation: 1, TooManyRequests: -32000, AnswerTooLong: -32001, NotInitialized: -32002, RequestCancelled: -32800,
} as const;

const CANCEL = '$/cancelRequest';
/** Methods with a long answer that changes nothing, so that an error in its place loses nothing. */
const QUERIES: ReadonlySet<string> = new Set<Method>(['reservation.list', 'reservation.find', 'port.explain', 'map.render', 'block.find', 'dynamicRange.get', 'health.measure', 'desiredState.plan']);
/** Methods that make room, so that they are always let in. */
const ALWAYS: ReadonlySet<string> = new Set<Method | typeof CANCEL>(['shutdown', CANCEL]);

export interface AnswersOptions {
  /** Does what a request asks; never rejects. */
  readonly respond: (request: JSONRPCRequest, signal: AbortSignal) => PromiseLike<JSONRPCResponse | null>;
  /** Resolves when the client has read enough of the answers before. */
  readonly ready: () => Promise<void>;
  /** What the client has asked for (docs/host-protocol.md). Default: JSON. */
  readonly form?: () => Form;
}

/** How answers are written. */
export type Form = 'json' | 'rows';

/** From a line to its answer: batches, ids, cancellation and the limits that keep memory bounded whatever a client sends. */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #running = new Map<JSONRPCID, { readonly controller: AbortController; readonly ended: Promise<void> }>();
  readonly #queries = pLimit(MAX_QUERIES);
  #underWay = 0;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The answer to a line as one line, or `null` if none is due. Not async: the line is not kept while its requests run. */
  answer(line: string): Promise<string | null> {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return Promise.resolve(this.#refusal(null, JSONRPCErrorCode.ParseError, 'the line is not JSON'));
    }
    const room = { left: MAX_ANSWER };
    // An empty batch is one invalid request, not a batch of answers (JSON-RPC 2.0, section 6).
    if (!Array.isArray(value) || value.length === 0) return this.#answerOne(requestOf(value), room);
    if (value.length > MAX_BATCH) {
      return Promise.resolve(this.#refusal(null, JSONRPCErrorCode.InvalidRequest, `a batch may have ${MAX_BATCH} requests at most`));
    }
    const answers = value.map((item) => this.#answerOne(requestOf(item), room));
    // The answer to a batch is an array, even with one element.
    return settleAll(answers).then((texts) => {
      const due = texts.filter((text) => text !== null);
      if (due.length === 0) return null;
      return this.#options.form?.() === 'rows' ? due.join('\t') : `[${due.join(',')}]`;
    });
  }

  /** The answer to a line over the limit. */
  tooLong(): string {
    return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, `a line may have ${MAX_LINE} characters at most`);
  }

  /** Cancels the request with this id, if one is under way. */
  cancel(id: JSONRPCID): void {
    this.#running.get(id)?.controller.abort();
  }

  /** Cancels those of these requests that are under way, and waits for their end. */
  async end(ids: readonly JSONRPCID[]): Promise<void> {
    for (const id of ids) this.cancel(id);
    await settleAll(ids.flatMap((id) => this.#running.get(id)?.ended ?? []));
  }

  cancelAll(): void {
    for (const { controller } of this.#running.values()) controller.abort();
  }

  async #answerOne(request: JSONRPCRequest, room: { left: number }): Promise<string | null> {
    const { id, method } = request;
    const refused = this.#refuse(request);
    if (refused !== null) return id === undefined ? null : refused;
    const controller = new AbortController();
    let end = () => {};
    this.#underWay += 1;
    if (id !== undefined) this.#running.set(id, { controller, ended: new Promise((resolve) => (end = resolve)) });
    try {
      if (!QUERIES.has(method)) return this.#textOf(method, await this.#options.respond(request, controller.signal));
      return await this.#queries(async () => {
        await this.#options.ready();
        return this.#queryText(method, await this.#options.respond(request, controller.signal), room);
      });
    } finally {
      this.#underWay -= 1;
      if (id !== undefined) this.#running.delete(id);
      end();
    }
  }

  #refuse({ id, method }: JSONRPCRequest): string | null {
    if (typeof id === 'string' && id.length > MAX_ID) {
      return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, `an id may have ${MAX_ID} characters at most`);
    }
    // With this id, it would be taken for the answer to the request under way.
    if (id !== undefined && this.#running.has(id)) {
      return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, `the id ${JSON.stringify(id)} is that of a request under way`);
    }
    if (this.#underWay >= MAX_UNDER_WAY && !ALWAYS.has(method)) {
      return this.#refusal(id ?? null, ErrorCode.TooManyRequests, `${MAX_UNDER_WAY} requests are under way: wait for their answers`);
    }
    return null;
  }

  #textOf(method: string, response: JSONRPCResponse | null): string | null {
    if (response === null) return null;
    try {
      if (this.#options.form?.() !== 'rows') return asciiJson(JSON.stringify(response));
      return toRow(response.error === undefined ? { ...response, result: toPowerShell(method, response.result) } : response);
    } catch (error) {
      return this.#refusal(response.id, JSONRPCErrorCode.InternalError, `internal error: the answer cannot be written: ${String(error)}`);
    }
  }

  #queryText(method: string, response: JSONRPCResponse | null, room: { left: number }): string | null {
    const text = this.#textOf(method, response);
    if (response === null || text === null || response.error !== undefined) return text;
    if (text.length > room.left) {
      return this.#refusal(response.id, ErrorCode.AnswerTooLong,
        `the results of a line may have ${MAX_ANSWER} characters at most: ask for less, or on several lines`);
    }
    room.left -= text.length;
    return text;
  }

  #refusal(id: JSONRPCID, code: number, message: string): string {
    const response = createJSONRPCErrorResponse(id, code, message);
    return this.#options.form?.() === 'rows' ? toRow(response) : asciiJson(JSON.stringify(response));
  }
}

/**
 * The members of a request, and no others, which would be kept while it runs. The server reads members of its argument, so
 * what is not an object becomes one that is not a request either.
 */
function requestOf(value: unknown): JSONRPCRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {} as JSONRPCRequest;
  const { jsonrpc, id, method, params, result, error } = value as Record<string, unknown>;
  if (id !== undefined && !isJSONRPCID(id)) return {} as JSONRPCRequest;
  const isRequest = typeof method === 'string' && result === undefined && error === undefined;
  return (isRequest ? { jsonrpc, id, method, params } : { id }) as JSONRPCRequest;
}
