import { createJSONRPCErrorResponse, isJSONRPCID, JSONRPCErrorCode, JSONRPCErrorException, JSONRPCServer } from 'json-rpc-2.0';
import type { JSONRPCID, JSONRPCRequest } from 'json-rpc-2.0';
import { isPortReservationError } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import { createHandlers } from './methods.js';
import type { Handlers } from './methods.js';
import { MAX_LINE } from './lines.js';
import { PARAMS, parseParams } from './schemas.js';
import type { Method, Params } from './schemas.js';

const MAX_BATCH = 1_000;

/** Incremented when older or newer clients are no longer compatible. */
export const PROTOCOL_VERSION = 1;

/** Error codes besides those of JSONRPCErrorCode. The last two are those of the Language Server Protocol. */
export const ErrorCode = { PortReservation: 1, NotInitialized: -32002, RequestCancelled: -32800 } as const;

export interface HostOptions {
  readonly version: string;
  /** Loads the DLLs or the simulator. Called once, by initialize, so that a failure is an answer and not a crash. */
  readonly open: () => PortReservations;
  /** Receives the client's process id, to end with it. */
  readonly onInitialize: (processId: number | undefined) => void;
  readonly onShutdown: () => void;
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
  const server = new JSONRPCServer({ errorListener: () => {} });
  const running = new Map<JSONRPCID, AbortController>();
  const started = performance.now();
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

  function initialize({ protocolVersion, processId }: Params<'initialize'>) {
    if (protocolVersion !== PROTOCOL_VERSION) {
      throw new JSONRPCErrorException(
        `protocol version ${protocolVersion} is not ${PROTOCOL_VERSION}: module and host are of different releases`,
        JSONRPCErrorCode.InvalidRequest);
    }
    if (!session) {
      const reservations = options.open();
      session = { reservations, handlers: createHandlers(reservations) };
      options.onInitialize(processId);
    }
    return describe(session.reservations);
  }

  function dispatch(method: Method, params: unknown, signal: AbortSignal): unknown {
    if (method === 'initialize') return initialize(params as Params<'initialize'>);
    if (!session) throw new JSONRPCErrorException('the first request must be initialize', ErrorCode.NotInitialized);
    if (method === 'host.get') return describe(session.reservations);
    if (method === 'shutdown') return options.onShutdown() ?? null;
    return session.handlers[method](params as never, signal);
  }

  for (const method of Object.keys(PARAMS) as Method[]) {
    server.addMethodAdvanced(method, async ({ id, params }: JSONRPCRequest) => {
      const parsed = parseParams(method, params);
      if (!parsed.ok) throw invalidParams(method, parsed.issues);
      const result = await cancellable(id, (signal) => dispatch(method, parsed.params, signal));
      return id === undefined ? null : { jsonrpc: '2.0', id, result };
    });
  }
  server.addMethod('$/cancelRequest', (params: { id?: JSONRPCID } | undefined) => {
    running.get(params?.id ?? null)?.abort();
  });
  server.mapErrorToJSONRPCErrorResponse = (id, error) => {
    if (isPortReservationError(error)) {
      return createJSONRPCErrorResponse(id, ErrorCode.PortReservation, error.message, error.toJSON());
    }
    if (error instanceof JSONRPCErrorException) return createJSONRPCErrorResponse(id, error.code, error.message, error.data);
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return createJSONRPCErrorResponse(id, JSONRPCErrorCode.InternalError, `internal error: ${String(error)}`);
  };

  async function cancellable(id: JSONRPCID | undefined, run: (signal: AbortSignal) => unknown): Promise<unknown> {
    const controller = new AbortController();
    if (id !== undefined) running.set(id, controller);
    try {
      return await run(controller.signal);
    } catch (error) {
      if (controller.signal.aborted && error === controller.signal.reason) {
        throw new JSONRPCErrorException('the request was cancelled', ErrorCode.RequestCancelled);
      }
      throw error;
    } finally {
      if (id !== undefined) running.delete(id);
    }
  }

  return {
    async answer(line) {
      let request: unknown;
      try {
        request = JSON.parse(line);
      } catch {
        return JSON.stringify(createJSONRPCErrorResponse(null, JSONRPCErrorCode.ParseError, 'the line is not JSON'));
      }
      if (!Array.isArray(request)) return stringify(await server.receive(requestOf(request)));
      // An empty batch is one invalid request, not a batch of answers (JSON-RPC 2.0, section 6).
      if (request.length === 0) return stringify(await server.receive(requestOf(request)));
      if (request.length > MAX_BATCH) {
        return stringify(createJSONRPCErrorResponse(null, JSONRPCErrorCode.InvalidRequest,
          `a batch may have ${MAX_BATCH} requests at most`));
      }
      const responses = await server.receive(request.map(requestOf));
      // The answer to a batch is an array, even with one element.
      return stringify(Array.isArray(responses) || responses === null ? responses : [responses]);
    },
    tooLong: () => JSON.stringify(createJSONRPCErrorResponse(null, JSONRPCErrorCode.InvalidRequest,
      `a line may have ${MAX_LINE} characters at most`)),
    async close() {
      for (const controller of running.values()) controller.abort();
      session?.reservations.close();
      await session?.reservations.settled();
    },
  };
}

function stringify(response: unknown): string | null {
  return response === null ? null : JSON.stringify(response);
}

/** The server reads members of its argument, so what is not an object becomes one that is not a request either. */
function requestOf(value: unknown): JSONRPCRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {} as JSONRPCRequest;
  const { id, method } = value as { id?: unknown; method?: unknown };
  if (id !== undefined && !isJSONRPCID(id)) return {} as JSONRPCRequest;
  return (typeof method === 'string' ? value : { id }) as JSONRPCRequest;
}

function invalidParams(method: string, issues: string[]): JSONRPCErrorException {
  const message = `${method}: ${issues.join('; ')}`;
  return new JSONRPCErrorException(message, JSONRPCErrorCode.InvalidParams, {
    message, reason: 'InvalidParameter', code: 'EINVAL', nativeCode: null, nativeName: null, syscall: null, block: null,
    advice: 'Correct the parameters named in the message.',
  });
}
