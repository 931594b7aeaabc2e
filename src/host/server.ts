import { createJSONRPCErrorResponse, JSONRPCErrorCode, JSONRPCErrorException, JSONRPCServer } from 'json-rpc-2.0';
import type { JSONRPCID, JSONRPCRequest } from 'json-rpc-2.0';
import { isPortReservationError } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import { Answers, ErrorCode } from './answers.js';
import type { Form } from './answers.js';
import { Made } from './made.js';
import type { ErrorData } from './data.js';
import { createHandlers } from './methods.js';
import type { Handlers } from './methods.js';
import { fromWords } from './rows.js';
import { PARAMS, parseParams } from './schemas.js';
import type { Method, Params } from './schemas.js';
import { DEFAULT_VOICE } from '../texts/text.js';
import type { Voice } from '../texts/text.js';

/** Incremented when older or newer clients are no longer compatible. */
export const PROTOCOL_VERSION = 1;

export interface HostOptions {
  readonly version: string;
  /** Loads the DLLs or the simulator. Called once, by initialize, so that a failure is an answer and not a crash. */
  readonly open: (voice: Voice) => PortReservations;
  /** Receives the client's process id, to end with it. */
  readonly onInitialize: (processId: number | undefined) => void;
  readonly onShutdown: () => void;
  /** Resolves when the client has read enough of the answers before. */
  readonly ready: () => Promise<void>;
}

export interface Host {
  /** The response to a line as one line, or `null` if none is due. */
  readonly answer: (line: string) => Promise<string | null>;
  /** The answer to a line over the limit. */
  readonly tooLong: () => string;
  /**
   * Ends every socket, runtime reservation and pending request of the client. Resolves when the process may end: winnat is
   * not left stopped.
   */
  readonly close: () => Promise<void>;
}

export function createHost(options: HostOptions): Host {
  const server = new JSONRPCServer<AbortSignal>({ errorListener: () => {} });
  let form: Form = 'json';
  const say = (error: PortReservationError): ErrorData => error.toData(voice);
  const made = new Made((error) => isPortReservationError(error) ? say(error).message : String(error));
  const answers = new Answers({ respond: (request, signal) => server.receive(request, signal), ready: options.ready, form: () => form });
  const started = performance.now();
  let voice = DEFAULT_VOICE;
  let session: { reservations: PortReservations; handlers: Handlers } | undefined;

  const describe = (reservations: PortReservations) => ({
    protocolVersion: PROTOCOL_VERSION,
    version: options.version,
    processId: process.pid,
    nodeVersion: process.versions.node,
    backend: reservations.backend,
    isElevated: reservations.isElevated,
    uptimeSeconds: Math.round((performance.now() - started) / 1000),
  });

  function initialize({ protocolVersion, processId, language, surface, answers = 'json' }: Params<'initialize'>) {
    form = answers;
    if (protocolVersion !== PROTOCOL_VERSION) {
      throw new JSONRPCErrorException(
        `protocol version ${protocolVersion} is not ${PROTOCOL_VERSION}: module and host are of different releases`,
        JSONRPCErrorCode.InvalidRequest);
    }
    if (!session) {
      voice = { language: language ?? voice.language, surface: surface ?? voice.surface };
      const reservations = options.open(voice);
      session = { reservations, handlers: createHandlers(reservations, made, voice) };
      options.onInitialize(processId);
    }
    return describe(session.reservations);
  }

  /** Cancels requests, and takes back what they made and the client has not given on. */
  async function undo({ ids, given = 0 }: Params<'request.undo'>) {
    await answers.end(ids);
    return { left: await made.undo(ids, given) };
  }

  function dispatch(method: Method, params: unknown, signal: AbortSignal, id: JSONRPCID | undefined): unknown {
    if (method === 'initialize') return initialize(params as Params<'initialize'>);
    if (!session) throw new JSONRPCErrorException('the first request must be initialize', ErrorCode.NotInitialized);
    if (method === 'host.get') return describe(session.reservations);
    if (method === 'shutdown') return options.onShutdown() ?? null;
    if (method === 'request.undo') return undo(params as Params<'request.undo'>);
    return session.handlers[method](params as never, signal, id ?? null);
  }

  for (const method of Object.keys(PARAMS) as Method[]) {
    server.addMethodAdvanced(method, async ({ id, params }: JSONRPCRequest, signal) => {
      const parsed = parseParams(method, form === 'rows' ? fromWords(params) : params);
      if (!parsed.ok) throw invalidParams(method, parsed.issues);
      const result = await untilCancelled(signal, () => dispatch(method, parsed.params, signal, id));
      return id === undefined ? null : { jsonrpc: '2.0', id, result };
    });
  }
  server.addMethod('$/cancelRequest', (params: { id?: JSONRPCID } | undefined) => {
    answers.cancel(params?.id ?? null);
  });
  server.mapErrorToJSONRPCErrorResponse = (id, error) => {
    if (isPortReservationError(error)) {
      const data = say(error);
      return createJSONRPCErrorResponse(id, ErrorCode.PortReservation, data.message, data);
    }
    if (error instanceof JSONRPCErrorException) return createJSONRPCErrorResponse(id, error.code, error.message, error.data);
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InternalError, `internal error: ${String(error)}`);
  };

  return {
    answer: (line) => answers.answer(line),
    tooLong: () => answers.tooLong(),
    async close() {
      answers.cancelAll();
      session?.reservations.close();
      await session?.reservations.settled();
    },
  };
}

/** A request that was cancelled while it waited for others does not begin. */
async function untilCancelled(signal: AbortSignal, run: () => unknown): Promise<unknown> {
  try {
    signal.throwIfAborted();
    return await run();
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      throw new JSONRPCErrorException('the request was cancelled', ErrorCode.RequestCancelled);
    }
    throw error;
  }
}

function invalidParams(method: string, issues: string[]): JSONRPCErrorException {
  const message = `${method}: ${issues.join('; ')}`;
  return new JSONRPCErrorException(message, JSONRPCErrorCode.InvalidParams, {
    message, reason: 'InvalidParameter', code: 'EINVAL', nativeCode: null, nativeName: null, syscall: null, block: null,
    advice: 'Correct the parameters named in the message.',
  });
}
