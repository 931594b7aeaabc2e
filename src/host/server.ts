import { createJSONRPCErrorResponse, isJSONRPCRequest, JSONRPCErrorCode, JSONRPCErrorException, JSONRPCServer } from 'json-rpc-2.0';
import type { JSONRPCErrorResponse, JSONRPCID, JSONRPCRequest } from 'json-rpc-2.0';
import { isPortReservationError } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import { Answers } from './answers.js';
import type { Form } from './answers.js';
import { Made } from './made.js';
import { ErrorCode } from './data.js';
import type { ErrorData, HostData } from './data.js';
import { createHandlers } from './methods.js';
import type { Handlers } from './methods.js';
import { fromCmdlet, isAsking } from './parameters.js';
import { actionOf, toPowerShell } from './powershell.js';
import { createQuestions } from './questions.js';
import type { Typed } from './rows.js';
import { PARAMS, parseParams } from './schemas.js';
import type { Method, Params } from './schemas.js';
import { DEFAULT_VOICE, say, text, wholeVoice } from '../texts/text.js';
import type { Text, Voice } from '../texts/text.js';
import { VERSION } from '../version.js';

/** Incremented when older or newer clients are no longer compatible. */
const PROTOCOL_VERSION = 1;

interface HostOptions {
  /** Loads the DLLs or the simulator. Called only by `initialize`, so that a failure is an answer and not a crash. */
  readonly open: (voice: Voice) => PortReservations;
  /** Is told the client's process id: the host ends with that process. */
  readonly onInitialize: (processId: number | undefined) => void;
  readonly onShutdown: () => void;
  /** Resolves when the client has read enough of the earlier answers. */
  readonly ready: () => Promise<void>;
}

/** What initialize has opened, and what serves requests from then on. */
interface Opened {
  readonly reservations: PortReservations;
  readonly handlers: Handlers<Exclude<Method, 'initialize'>>;
  readonly questions: ReturnType<typeof createQuestions>;
}

/** What the request of a cmdlet is about, as far as it was understood, and its parameters. */
interface CmdletRequest {
  readonly target: Typed | number | undefined;
  readonly params: unknown;
}

/** JSON-RPC over lines: parses, checks and carries out requests, and words their answers. */
export class Host {
  readonly #options: HostOptions;
  readonly #server = new JSONRPCServer<AbortSignal>({ errorListener: () => {} });
  readonly #answers: Answers;
  /** What requests have made, to take it back. */
  readonly #made = new Made((error) => isPortReservationError(error) ? error.toData(this.#voice).message : String(error));
  readonly #started = performance.now();
  #form: Form = 'json';
  #voice = DEFAULT_VOICE;
  #opened: Opened | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#answers = new Answers({
      respond: (request, signal) => this.#refuseUnknown(request) ?? this.#server.receive(request, signal),
      ready: options.ready, form: () => this.#form, say: (message) => say(message, this.#voice),
    });
    for (const method of Object.keys(PARAMS) as Method[]) {
      this.#server.addMethodAdvanced(method, (request, signal) => this.#respond(method, request, signal));
    }
    this.#server.addMethod('$/cancelRequest', (params: { id?: JSONRPCID } | undefined) => {
      this.#answers.cancel(params?.id ?? null);
    });
    this.#server.mapErrorToJSONRPCErrorResponse = (id, error) => this.#errorResponse(id, error);
  }

  /** The response to a line as one line, or `null` if none is due. */
  answer(line: string): Promise<string | null> {
    return this.#answers.answer(line);
  }

  /** The answer to a line over the limit. */
  tooLong(): string {
    return this.#answers.tooLong();
  }

  /**
   * Ends every socket, runtime reservation and pending request of the client. Resolves when the process may end: winnat is
   * not left stopped, and what was begun is done or taken back.
   */
  async close(): Promise<void> {
    const ended = this.#answers.close();
    this.#opened?.reservations.close();
    await ended;
  }

  async #respond(method: Method, { id, params }: JSONRPCRequest, signal: AbortSignal) {
    const isOfCmdlet = this.#form === 'rows';
    let target: Typed | number | undefined;
    let parsed: unknown;
    try {
      const isQuestion = isOfCmdlet && isAsking(method, params);
      parsed = parseParams(method, isOfCmdlet ? fromCmdlet(method, params, (about) => (target = about)) : params);
      if (isPortReservationError(parsed)) throw invalidParams(parsed.toData(this.#voice));
      const run = () => this.#dispatch(method, parsed, signal, id, isQuestion);
      const value = await untilCancelled(signal, run, () => this.#refusal(text('host.cancelled'), ErrorCode.RequestCancelled));
      const result = isOfCmdlet && !isQuestion ? toPowerShell(method, value, { params: parsed, voice: this.#voice, target }) : value;
      return id === undefined ? null : { jsonrpc: '2.0' as const, id, result };
    } catch (error) {
      return id === undefined ? null : this.#errorResponse(id, error, this.#form === 'rows' ? { target, params: parsed } : undefined);
    }
  }

  #dispatch(method: Method, params: unknown, signal: AbortSignal, id: JSONRPCID | undefined, isQuestion: boolean): unknown {
    if (method === 'initialize') return this.#initialize(params as Params<'initialize'>);
    if (!this.#opened) throw this.#refusal(text('host.notInitialized'), ErrorCode.NotInitialized);
    if (isQuestion) return this.#opened.questions.describe(method, params);
    return this.#opened.handlers[method](params as never, signal, id ?? null);
  }

  #initialize({ protocolVersion, processId, language, surface, answers: wanted = 'json' }: Params<'initialize'>) {
    this.#form = wanted;
    const voice = wholeVoice({ language, surface });
    if (protocolVersion !== PROTOCOL_VERSION) {
      // In the voice of this request, because none is fixed before the session is opened.
      throw this.#refusal(text('host.version', { version: protocolVersion, own: PROTOCOL_VERSION }), JSONRPCErrorCode.InvalidRequest, voice);
    }
    if (!this.#opened) {
      this.#voice = voice;
      this.#opened = this.#open(voice);
      this.#options.onInitialize(processId);
    }
    // The module compares this answer as text, because reading an object would cost the first cmdlet of a session.
    return wanted === 'rows' ? VERSION : this.#describe(this.#opened.reservations);
  }

  #open(voice: Voice): Opened {
    const reservations = this.#options.open(voice);
    const questions = createQuestions(reservations);
    return {
      reservations, questions,
      handlers: {
        ...createHandlers(reservations, this.#made, voice),
        shutdown: () => {
          this.#options.onShutdown();
          return null;
        },
        'host.get': () => this.#describe(reservations),
        'request.undo': (params, _signal, id) => this.#undo(params, id),
        'request.recall': questions.recall,
      },
    };
  }

  #describe({ backend, isElevated }: PortReservations): HostData {
    return {
      protocolVersion: PROTOCOL_VERSION,
      version: VERSION,
      processId: process.pid,
      nodeVersion: process.versions.node,
      backend,
      isElevated,
      uptimeSeconds: Math.round((performance.now() - this.#started) / 1000),
    };
  }

  /** Cancels requests, and undoes what they made, except the first `given` things, which the client has passed on. */
  async #undo({ ids, given = 0 }: Params<'request.undo'>, own: JSONRPCID) {
    // Not its own id: it would wait for itself.
    const others = [...new Set(ids)].filter((id) => id !== own);
    await this.#answers.end(others);
    return { left: await this.#made.undo(others, given) };
  }

  /** Refuses what json-rpc-2.0 would refuse only with an English message that names nothing. */
  #refuseUnknown(request: JSONRPCRequest): Promise<JSONRPCErrorResponse | null> | undefined {
    const isRequest = isJSONRPCRequest(request);
    const { id, method } = request;
    if (isRequest && this.#server.hasMethod(method)) return undefined;
    if (isRequest && id === undefined) return Promise.resolve(null);
    const refused = isRequest ? this.#refusal(text('host.noMethod', { method: JSON.stringify(method.slice(0, 60)) }), JSONRPCErrorCode.MethodNotFound)
      : this.#refusal(text('host.noRequest'), JSONRPCErrorCode.InvalidRequest);
    return Promise.resolve(this.#errorResponse(id ?? null, refused));
  }

  #refusal(message: Text, code: number, voice = this.#voice): JSONRPCErrorException {
    return new JSONRPCErrorException(say(message, voice), code);
  }

  #errorResponse(id: JSONRPCID, error: unknown, cmdlet?: CmdletRequest): JSONRPCErrorResponse {
    const forCmdlet = (data: ErrorData) => cmdlet ? { ...data, target: cmdlet.target, action: actionOf(data, cmdlet.params, this.#voice) } : data;
    if (isPortReservationError(error)) {
      const data = error.toData(this.#voice);
      return createJSONRPCErrorResponse(id, ErrorCode.PortReservation, data.message, forCmdlet(data));
    }
    if (error instanceof JSONRPCErrorException) {
      return createJSONRPCErrorResponse(id, error.code, error.message, error.data && forCmdlet(error.data as ErrorData));
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InternalError, `internal error: ${String(error)}`);
  }
}

/** Runs a request unless it was cancelled while it waited; tells a cancellation from other errors. */
async function untilCancelled(signal: AbortSignal, run: () => unknown, cancelled: () => Error): Promise<unknown> {
  try {
    signal.throwIfAborted();
    return await run();
  } catch (error) {
    throw signal.aborted && error === signal.reason ? cancelled() : error;
  }
}

function invalidParams(data: ErrorData): JSONRPCErrorException {
  return new JSONRPCErrorException(data.message, JSONRPCErrorCode.InvalidParams, data);
}
