import { existsSync, readdirSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { checkAbsolute, checkFunction, checkRequest, checkText } from './checks.js';
import { invalid, PortReservationError } from './errors.js';
import { checkSocket } from './sockets/hand-over.js';
import type { AssociatedSocket } from './sockets/associated-socket.js';
import { text } from './texts/text.js';
import type { Text } from './texts/text.js';

/** The module edge-js. The caller loads it, and never this package, because the environment decides which .NET it loads. */
export interface EdgeJs {
  /** Makes a function with a callback of a method of .NET. */
  func(method: Required<ClrMethod>): unknown;
}

/** A public method of .NET that takes one object and returns a `Task<object>`. */
export interface ClrMethod {
  /** Absolute path of the assembly, which ends in .dll. */
  readonly assemblyFile: string;
  /** Full name of the class, which has a constructor without parameters. */
  readonly typeName: string;
  /** Default `Invoke`. */
  readonly methodName?: string;
}

/**
 * A method of .NET as a function. Numbers reach .NET as Int32 or Double, a Buffer as byte[], an object as
 * IDictionary&lt;string, object&gt;.
 *
 * Rejects with a PortReservationError: InvalidParameter for a bigint or a cycle in the input, which edge-js cannot take;
 * NotSupported for an integer in the output that was rounded on the way (send 64 bits as text); NativeError if .NET threw.
 */
export type ClrFunction<Input, Output> = (input: Input) => Promise<Output>;

/**
 * What .NET opens a socket from, in the `socket` of a function's input: on Windows the members of
 * System.Net.Sockets.SocketInformation, on the simulator elsewhere a file descriptor.
 */
export type SocketInformation = {
  /** A WSAPROTOCOL_INFOW, 628 bytes, which opens the socket once. */
  readonly protocolInformation: Buffer;
  /** SocketInformationOptions: 4 (Listening) or 0. */
  readonly options: number;
} | {
  /** The file descriptor in decimal digits. */
  readonly descriptor: string;
};

const LISTENING = 4;

/**
 * Says which .NET edge-js starts: it sets EDGE_USE_CORECLR, EDGE_USE_RUNTIME_CONFIG and EDGE_APP_ROOT in this process.
 * Call it before edge-js is loaded, and so before a static import of it. Without it, edge-js on Windows uses .NET Framework.
 *
 * @param folder absolute path of a folder with EdgeJs.dll, one *.deps.json and one *.runtimeconfig.json, as the build of a
 *   project makes it; only those who may decide what this process runs may write to it
 * @throws PortReservationError: InvalidParameter for another folder; NotSupported in a worker thread, or when edge-js is loaded
 */
export function useCoreClr(folder: string): void {
  checkThread();
  if (process.env.EDGE_NATIVE !== undefined) throw notSupported(text('edge.loaded'), text('edge.loaded.advice'));
  checkAbsolute('folder', folder);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const suffix of ['.deps.json', '.runtimeconfig.json']) {
    const found = names.filter((name) => name.endsWith(suffix)).length;
    if (found !== 1) throw invalid('folder', folder, text('rule.exactlyOneFile', { suffix, found }));
  }
  if (!names.includes('EdgeJs.dll')) throw invalid('folder', folder, text('rule.edgeDll'));
  Object.assign(process.env, { EDGE_USE_CORECLR: '1', EDGE_USE_RUNTIME_CONFIG: '1', EDGE_APP_ROOT: folder });
}

/**
 * A method of .NET as a function of this process.
 *
 * @param edge the loaded module edge-js
 * @throws PortReservationError: InvalidParameter if there is no such assembly, class or method; NotSupported in a worker thread,
 *   because a second thread with .NET ends the process
 */
export function clrFunction<Input, Output>(edge: EdgeJs, method: ClrMethod): ClrFunction<Input, Output> {
  checkThread();
  checkRequest('method', method);
  const { assemblyFile, typeName, methodName = 'Invoke' } = method;
  checkAbsolute('assemblyFile', assemblyFile);
  checkText('typeName', typeName);
  checkText('methodName', methodName);
  if (!existsSync(assemblyFile)) throw invalid('assemblyFile', assemblyFile, text('rule.assembly'));
  const name = `${typeName}.${methodName}`;
  let call: (input: Input, callback: (error: unknown, output: Output) => void) => void;
  try {
    call = edge.func({ assemblyFile, typeName, methodName }) as typeof call;
  } catch (error) {
    throw Object.assign(invalid('method', name, text('rule.clrMethod', { file: assemblyFile, error: messageOf(error) })), { cause: causeOf(error) });
  }
  return async (input) => {
    checkInput(input, 'input');
    const output = await new Promise<Output>((resolve, reject) => {
      const fail = (error: unknown) => reject(thrown(name, error));
      try {
        // Without an error, edge-js passes null.
        call(input, (error, result) => (error ? fail(error) : resolve(result)));
      } catch (error) {
        fail(error);
      }
    });
    checkOutput(output, name);
    return output;
  };
}

/**
 * Hands a socket to .NET code in this process: calls the function with the socket in its input, and closes this side's copy
 * when the function has answered, which is when .NET must have opened its own.
 *
 * On Windows, a function that fails leaves the socket as it was. Elsewhere, on the simulator, there is one descriptor, and it
 * belongs to .NET from the call on.
 *
 * @param socket of a reservation; it is `closed` afterwards, and the port goes back to the block when .NET closes its own
 * @param func opens `input.socket`: `new Socket(new SocketInformation { ProtocolInformation = ..., Options = ... })`
 * @param input what else the function needs
 * @returns what the function answers
 * @throws PortReservationError: TokenNotValid if the socket is closed; those of duplicateFor and of {@link ClrFunction}
 */
export async function handOver<Input extends object, Output>(socket: AssociatedSocket,
  func: ClrFunction<Input & { socket: SocketInformation }, Output>, input: Input): Promise<Output> {
  checkSocket(socket);
  // Checked before the socket is given away, because after that nobody would close it.
  checkFunction('func', func);
  checkRequest('input', input);
  checkInput(input, 'input');
  if ('socket' in input) throw invalid('input.socket', input.socket, text('rule.socketLeftOut'));
  if (process.platform !== 'win32') {
    return func({ ...input, socket: { descriptor: socket.giveAway(String) } });
  }
  const protocolInformation = socket.duplicateFor(process.pid);
  const output = await func({ ...input, socket: { protocolInformation, options: socket.state === 'listening' ? LISTENING : 0 } });
  socket.close();
  return output;
}

function checkThread(): void {
  if (!isMainThread) throw notSupported(text('edge.thread'), text('edge.thread.advice'));
}

/** Refuses what edge-js cannot convert: it would end the process, or never return. */
function checkInput(value: unknown, path: string, above: readonly object[] = []): void {
  if (typeof value === 'bigint') throw invalid(path, value, text('rule.noBigint'));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if (above.includes(value)) throw invalid(path, value, text('rule.noCycle'));
  for (const [key, member] of Object.entries(value)) checkInput(member, `${path}.${key}`, [...above, value]);
}

/** Refuses integers that were rounded: edge-js turns Int64 and UInt64 into numbers. Anything above 2^64 was a Double in .NET already. */
function checkOutput(value: unknown, path: string): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) <= 2 ** 64) {
    throw notSupported(text('edge.rounded', { path, value }), text('edge.rounded.advice'));
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, member] of Object.entries(value)) checkOutput(member, `${path}.${key}`);
}

function notSupported(message: Text, advice: Text): PortReservationError {
  return new PortReservationError(message, { reason: 'NotSupported', code: 'ENOTSUP', advice });
}

function thrown(name: string, error: unknown): PortReservationError {
  return new PortReservationError(text('edge.threw', { name, error: messageOf(error) }), {
    reason: 'NativeError', code: 'UNKNOWN', syscall: name, advice: text('edge.threw.advice'),
  }, { cause: causeOf(error) });
}

/** edge-js copies every property of an exception; these are the ones that say something. */
interface ClrException {
  readonly name?: string;
  readonly message?: string;
  readonly StackTrace?: string | null;
}

function messageOf(error: unknown): string {
  const { name = 'Error', message = String(error) } = error as ClrException;
  return `${name}: ${message}`;
}

function causeOf(error: unknown): Error {
  const { name = 'Error', message, StackTrace } = error as ClrException;
  return Object.assign(new Error(message), { name, ...(StackTrace ? { stack: `${messageOf(error)}\n${StackTrace}` } : {}) });
}
