import { createJSONRPCErrorResponse, isJSONRPCRequest, JSONRPCErrorCode, JSONRPCErrorException, JSONRPCServer } from 'json-rpc-2.0';
import type { JSONRPCErrorResponse, JSONRPCID, JSONRPCRequest } from 'json-rpc-2.0';
import { isPortReservationError } from '../errors.js';
import type { PortReservationError } from '../errors.js';
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
import { DEFAULT_VOICE, say, text } from '../texts/text.js';
import type { Text, Voice } from '../texts/text.js';

/** Incremented when older or newer clients are no longer compatible. */
const PROTOCOL_VERSION = 1;

export interface HostOptions {
  readonly version: string;
  /** Loads the DLLs or the simulator. Called only by `initialize`, so that a failure is an answer and not a crash. */
  readonly open: (voice: Voice) => PortReservations;
  /** Is told the client's process id: the host ends with that process. */
  readonly onInitialize: (processId: number | undefined) => void;
  readonly onShutdown: () => void;
  /** Resolves when the client has read enough of the earlier answers. */
  readonly ready: () => Promise<void>;
}

export interface Host {
  /** The response to a line as one line, or `null` if none is due. */
  readonly answer: (line: string) => Promise<string | null>;
  /** The answer to a line over the limit. */
  readonly tooLong: () => string;
  /**
   * Ends every socket, runtime reservation and pending request of the client. Resolves when the process may end: winnat is
   * not left stopped, and what was begun is done or taken back.
   */
  readonly close: () => Promise<void>;
}

export function createHost(options: HostOptions): Host {
  const server = new JSONRPCServer<AbortSignal>({ errorListener: () => {} });
  let form: Form = 'json';
  const toData = (error: PortReservationError): ErrorData => error.toData(voice);
  const refusal = (message: Text, code: number, inVoice = voice) => new JSONRPCErrorException(say(message, inVoice), code);
  const made = new Made((error) => isPortReservationError(error) ? toData(error).message : String(error));
  const answers = new Answers({
    respond: (request, signal) => refuseUnknown(request) ?? server.receive(request, signal),
    ready: options.ready, form: () => form, say: (message) => say(message, voice),
  });
  const started = performance.now();
  let voice = DEFAULT_VOICE;
  let session: { reservations: PortReservations; handlers: Handlers<Exclude<Method, 'initialize'>>; questions: ReturnType<typeof createQuestions> } | undefined;

  const describeHost = (reservations: PortReservations): HostData => ({
    protocolVersion: PROTOCOL_VERSION,
    version: options.version,
    processId: process.pid,
    nodeVersion: process.versions.node,
    backend: reservations.backend,
    isElevated: reservations.isElevated,
    uptimeSeconds: Math.round((performance.now() - started) / 1000),
  });

  function initialize({ protocolVersion, processId, language, surface, answers: wanted = 'json' }: Params<'initialize'>) {
    form = wanted;
    if (protocolVersion !== PROTOCOL_VERSION) {
      // In the voice of this request, because none is fixed before the session is opened.
      throw refusal(text('host.version', { version: protocolVersion, own: PROTOCOL_VERSION }), JSONRPCErrorCode.InvalidRequest, voiceOf({ language, surface }));
    }
    if (!session) {
      voice = voiceOf({ language, surface });
      const reservations = options.open(voice);
      const questions = createQuestions(reservations);
      session = {
        reservations, questions,
        handlers: {
          ...createHandlers(reservations, made, voice),
          shutdown() {
            options.onShutdown();
            return null;
          },
          'host.get': () => describeHost(reservations),
          'request.undo': (params, _signal, id) => undo(params, id),
          'request.recall': questions.recall,
        },
      };
      options.onInitialize(processId);
    }
    // The module compares this answer as text, because reading an object would cost the first cmdlet of a session.
    return wanted === 'rows' ? options.version : describeHost(session.reservations);
  }

  /** Cancels requests, and undoes what they made, except the first `given` things, which the client has passed on. */
  async function undo({ ids, given = 0 }: Params<'request.undo'>, own: JSONRPCID) {
    // Not its own id: it would wait for itself.
    const others = [...new Set(ids)].filter((id) => id !== own);
    await answers.end(others);
    return { left: await made.undo(others, given) };
  }

  function dispatch(method: Method, params: unknown, signal: AbortSignal, id: JSONRPCID | undefined, isQuestion: boolean): unknown {
    if (method === 'initialize') return initialize(params as Params<'initialize'>);
    if (!session) throw refusal(text('host.notInitialized'), ErrorCode.NotInitialized);
    if (isQuestion) return session.questions.describe(method, params);
    return session.handlers[method](params as never, signal, id ?? null);
  }

  for (const method of Object.keys(PARAMS) as Method[]) {
    server.addMethodAdvanced(method, async ({ id, params }: JSONRPCRequest, signal) => {
      let target: Typed | number | undefined;
      let parsed: unknown;
      try {
        const isOfCmdlet = form === 'rows';
        const isQuestion = isOfCmdlet && isAsking(method, params);
        parsed = parseParams(method, isOfCmdlet ? fromCmdlet(method, params, (about) => (target = about)) : params);
        if (isPortReservationError(parsed)) throw invalidParams(toData(parsed));
        const run = () => dispatch(method, parsed, signal, id, isQuestion);
        const value = await untilCancelled(signal, run, () => refusal(text('host.cancelled'), ErrorCode.RequestCancelled));
        const result = isOfCmdlet && !isQuestion ? toPowerShell(method, value, { params: parsed, voice, target }) : value;
        return id === undefined ? null : { jsonrpc: '2.0', id, result };
      } catch (error) {
        return id === undefined ? null : responseTo(id, error, form === 'rows' ? { target, params: parsed } : undefined);
      }
    });
  }
  server.addMethod('$/cancelRequest', (params: { id?: JSONRPCID } | undefined) => {
    answers.cancel(params?.id ?? null);
  });
  server.mapErrorToJSONRPCErrorResponse = (id, error) => responseTo(id, error);

  /** Refuses what json-rpc-2.0 would refuse only with an English message that names nothing. */
  function refuseUnknown(request: JSONRPCRequest): Promise<JSONRPCErrorResponse | null> | undefined {
    const isRequest = isJSONRPCRequest(request);
    const { id, method } = request;
    if (isRequest && server.hasMethod(method)) return undefined;
    if (isRequest && id === undefined) return Promise.resolve(null);
    const refused = isRequest ? refusal(text('host.noMethod', { method: JSON.stringify(method.slice(0, 60)) }), JSONRPCErrorCode.MethodNotFound)
      : refusal(text('host.noRequest'), JSONRPCErrorCode.InvalidRequest);
    return Promise.resolve(responseTo(id ?? null, refused));
  }

  /** @param cmdlet for a request of a cmdlet: what it is about, as far as it was understood, and its parameters */
  function responseTo(id: JSONRPCID, error: unknown, cmdlet?: { target: Typed | number | undefined; params: unknown }): JSONRPCErrorResponse {
    const forCmdlet = (data: ErrorData) => cmdlet ? { ...data, target: cmdlet.target, action: actionOf(data, cmdlet.params, voice) } : data;
    if (isPortReservationError(error)) {
      const data = toData(error);
      return createJSONRPCErrorResponse(id, ErrorCode.PortReservation, data.message, forCmdlet(data));
    }
    if (error instanceof JSONRPCErrorException) {
      return createJSONRPCErrorResponse(id, error.code, error.message, error.data && forCmdlet(error.data as ErrorData));
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InternalError, `internal error: ${String(error)}`);
  }

  return {
    answer: (line) => answers.answer(line),
    tooLong: () => answers.tooLong(),
    async close() {
      const ended = answers.close();
      session?.reservations.close();
      await ended;
    },
  };
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

/** The voice that a client asks for; what it leaves out is the default. */
function voiceOf({ language = DEFAULT_VOICE.language, surface = DEFAULT_VOICE.surface }: { [Part in keyof Voice]?: Voice[Part] | undefined }): Voice {
  return { language, surface };
}

function invalidParams(data: ErrorData): JSONRPCErrorException {
  return new JSONRPCErrorException(data.message, JSONRPCErrorCode.InvalidParams, data);
}
