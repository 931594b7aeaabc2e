import { createJSONRPCErrorResponse, isJSONRPCID, JSONRPCErrorCode } from 'json-rpc-2.0';
import type { JSONRPCID, JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import pLimit from 'p-limit';
import { PortReservationError } from '../errors.js';
import { settleAll } from '../util/settle-all.js';
import { asciiJson } from '../util/plain-text.js';
import { english, text } from '../texts/text.js';
import type { Text } from '../texts/text.js';
import { ErrorCode } from './data.js';
import { MAX_LINE } from './lines.js';
import { toRow } from './rows.js';
import type { Method } from './schemas.js';

const MAX_BATCH = 1_000;
/** Characters of an id that is a string. */
const MAX_ID = 256;
/** Requests under way, those of batches included. */
export const MAX_UNDER_WAY = 10_000;
/** Characters that the results of all queries of one line may have together. V8's longest string has 32 times as many. */
const MAX_ANSWER = 1 << 24;
/** Queries at work at a time: each may hold a megabyte until its answer is written. */
const MAX_QUERIES = 64;
/** Tests of ports at work at a time. Their answers are short, and those of one line share their reading of the lists, so all of a line fit in. */
const MAX_TESTS = 200;

const CANCEL = '$/cancelRequest';
const PORT_TEST: Method = 'port.test';
/** Methods that change nothing and may have a long answer: an error in its place loses nothing. */
const QUERIES: ReadonlySet<string> = new Set<Method>([
  'reservation.list', 'reservation.find', 'port.explain', PORT_TEST, 'map.render', 'block.find', 'dynamicRange.get', 'health.measure', 'desiredState.plan',
]);
/** Methods that change what outlives the host. It does not end in the middle of one. */
const CHANGES: ReadonlySet<string> = new Set<Method>(['reservation.create', 'reservation.remove', 'dynamicRange.set', 'desiredState.apply', 'request.undo']);
/** Methods that end others, so that they are let in however many are under way. */
const ALWAYS: ReadonlySet<string> = new Set<Method | typeof CANCEL>(['shutdown', CANCEL]);

interface AnswersOptions {
  /** Does what a request asks; never rejects. */
  readonly respond: (request: JSONRPCRequest, signal: AbortSignal) => PromiseLike<JSONRPCResponse | null>;
  /** Resolves when the client has read enough of the answers before. */
  readonly ready: () => Promise<void>;
  /** What the client has asked for (docs/host-protocol.md). */
  readonly form: () => Form;
  /** A text in the language of the client. */
  readonly say: (message: Text) => string;
}

/** How answers are written. */
export type Form = 'json' | 'rows';

/** A request that has begun, and has no answer yet. */
interface Running {
  readonly method: string;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  /** Answers it as cancelled, however long it goes on. */
  readonly giveUp: () => void;
}

/** From a line to its answer: batches, ids, cancellation and the limits that keep memory bounded whatever a client sends. */
export class Answers {
  readonly #options: AnswersOptions;
  /** By its id; a notification, which has none, by a symbol of its own. */
  readonly #running = new Map<JSONRPCID | symbol, Running>();
  readonly #queries = pLimit(MAX_QUERIES);
  readonly #tests = pLimit(MAX_TESTS);
  #closed = false;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The answer to a line as one line, or `null` if none is due. Not async, so that the line is not kept in memory while its requests run. */
  answer(line: string): Promise<string | null> {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return Promise.resolve(this.#refusal(null, JSONRPCErrorCode.ParseError, text('host.notJson')));
    }
    const room = { left: MAX_ANSWER };
    // An empty batch is one invalid request, not a batch of answers (JSON-RPC 2.0, section 6).
    if (!Array.isArray(value) || value.length === 0) return this.#answerOne(requestOf(value), room);
    if (value.length > MAX_BATCH) {
      return Promise.resolve(this.#refusal(null, JSONRPCErrorCode.InvalidRequest, text('host.batchMost', { most: MAX_BATCH })));
    }
    const answers = value.map((item) => this.#answerOne(requestOf(item), room));
    // The answer to a batch is an array, even with one element.
    return settleAll(answers).then((texts) => {
      const due = texts.filter((text) => text !== null);
      if (due.length === 0) return null;
      return this.#options.form() === 'rows' ? due.join('\t') : `[${due.join(',')}]`;
    });
  }

  /** The answer to a line over the limit. */
  tooLong(): string {
    return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, text('host.lineMost', { most: MAX_LINE }));
  }

  /** Cancels the request with this id, if one is under way. A query is answered at once: one that waits for netsh could not be cancelled. */
  cancel(id: JSONRPCID): void {
    const running = this.#running.get(id);
    running?.controller.abort(cancelled());
    if (running && QUERIES.has(running.method)) running.giveUp();
  }

  /** Cancels those of these requests that are under way, and waits for their answers. */
  async end(ids: readonly JSONRPCID[]): Promise<void> {
    for (const id of ids) this.cancel(id);
    await settleAll(ids.flatMap((id) => this.#running.get(id)?.ended ?? []));
  }

  /**
   * Cancels every request, and lets no other begin. Resolves when those that change something have ended, done or taken back, and
   * each of the others has its answer: one that waits for netsh could not be cancelled, and would keep that of its whole batch.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort(cancelled());
    await settleAll(running.filter(({ method }) => CHANGES.has(method)).map(({ ended }) => ended));
    for (const { giveUp } of running) giveUp();
  }

  async #answerOne(request: JSONRPCRequest, room: { left: number }): Promise<string | null> {
    const { id, method } = request;
    const refused = this.#refuse(request);
    if (refused !== null) return id === undefined ? null : refused;
    const controller = new AbortController();
    let end = () => {};
    let giveUp = () => {};
    const gaveUp = new Promise<string | null>((resolve) => {
      giveUp = () => resolve(id === undefined ? null : this.#refusal(id, ErrorCode.RequestCancelled, text('host.cancelled')));
    });
    const key = id === undefined ? Symbol(method) : id;
    this.#running.set(key, { method, controller, ended: new Promise<void>((resolve) => (end = resolve)), giveUp });
    try {
      return await Promise.race([this.#work(request, controller.signal, room), gaveUp]);
    } finally {
      this.#running.delete(key);
      end();
    }
  }

  async #work(request: JSONRPCRequest, signal: AbortSignal, room: { left: number }): Promise<string | null> {
    const { method } = request;
    if (!QUERIES.has(method)) return this.#textOf(await this.#options.respond(request, signal));
    return (method === PORT_TEST ? this.#tests : this.#queries)(async () => {
      await this.#options.ready();
      return this.#queryText(await this.#options.respond(request, signal), room);
    });
  }

  #refuse({ id, method }: JSONRPCRequest): string | null {
    if (typeof id === 'string' && id.length > MAX_ID) {
      return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, text('host.idMost', { most: MAX_ID }));
    }
    // Such an id would not come back as it was sent: 1e999 would be written as null.
    if (typeof id === 'number' && !(Math.abs(id) <= Number.MAX_SAFE_INTEGER)) {
      return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, text('host.idNumber', { most: Number.MAX_SAFE_INTEGER }));
    }
    // Even this refusal has no id, because it would be taken for the answer to the request under way.
    if (id !== undefined && this.#running.has(id)) {
      return this.#refusal(null, JSONRPCErrorCode.InvalidRequest, text('host.idUnderWay', { id: JSON.stringify(id) }));
    }
    if (this.#closed) return this.#refusal(id ?? null, ErrorCode.RequestCancelled, text('host.cancelled'));
    // Queries that were cancelled are answered, but still wait for their turn to end.
    const waiting = this.#queries.pendingCount + this.#tests.pendingCount;
    if (Math.max(this.#running.size, waiting) >= MAX_UNDER_WAY && !ALWAYS.has(method)) {
      return this.#refusal(id ?? null, ErrorCode.TooManyRequests, text('host.tooMany', { count: MAX_UNDER_WAY }));
    }
    return null;
  }

  #textOf(response: JSONRPCResponse | null): string | null {
    if (response === null) return null;
    try {
      return this.#write(response);
    } catch (error) {
      return this.#refusal(response.id, JSONRPCErrorCode.InternalError, english(`internal error: the answer cannot be written: ${String(error)}`));
    }
  }

  #queryText(response: JSONRPCResponse | null, room: { left: number }): string | null {
    const line = this.#textOf(response);
    if (response === null || line === null || response.error !== undefined) return line;
    if (line.length > room.left) {
      return this.#refusal(response.id, ErrorCode.AnswerTooLong, text('host.answerMost', { most: MAX_ANSWER }));
    }
    room.left -= line.length;
    return line;
  }

  #refusal(id: JSONRPCID, code: number, message: Text): string {
    return this.#write(createJSONRPCErrorResponse(id, code, this.#options.say(message)));
  }

  #write(response: JSONRPCResponse): string {
    return this.#options.form() === 'rows' ? toRow(response) : asciiJson(JSON.stringify(response));
  }
}

/**
 * The members of a request, without any others, which would be kept in memory while it runs. What is no request becomes an
 * object that is none either, because the server reads members of whatever it is given.
 */
function requestOf(value: unknown): JSONRPCRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {} as JSONRPCRequest;
  const { jsonrpc, id, method, params, result, error } = value as Record<string, unknown>;
  if (id !== undefined && !isJSONRPCID(id)) return {} as JSONRPCRequest;
  const isRequest = typeof method === 'string' && result === undefined && error === undefined;
  return (isRequest ? { jsonrpc, id, method, params } : { id }) as JSONRPCRequest;
}

/** The error of those blocks of a plan that a cancellation left out. Other cancelled requests are answered with RequestCancelled. */
function cancelled(): PortReservationError {
  return new PortReservationError(text('host.cancelled'), { reason: 'NativeError', code: 'ECANCELED', advice: text('exclusion.inDoubt.advice') });
}
