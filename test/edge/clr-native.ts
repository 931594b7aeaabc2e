import type { AddressFamily, Protocol } from '../../src/blocks.js';
import type { EdgeJs } from '../../src/edge.js';
import type { Native } from '../../src/native.js';
import type { Iphlpapi } from '../../src/win32/iphlpapi.js';
import { SIO_ACQUIRE_PORT_RESERVATION, SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION } from '../../src/win32/structures.js';

/** What Oracle.cs answers. */
interface Answer {
  readonly error: number;
  readonly token: string;
  readonly bytesReturned: number;
  readonly startPort: number;
  readonly numberOfPorts: number;
  readonly rows: string[];
}
type Call = (input: object) => Answer;

/** The methods of Oracle.cs as functions that answer at once, as those of the DLLs do. */
export type Oracle = Record<'Create' | 'Lookup' | 'Delete' | 'Acquire' | 'Release' | 'Associate' | 'Endpoints', Call>;

/** The CLR on the very libraries that koffi has loaded. */
export function openOracle(edge: EdgeJs, assemblyFile: string, { libraries: { iphlpapi, ws2_32 } }: Native): Oracle {
  const method = (methodName: string): Call => {
    const call = edge.func({ assemblyFile, typeName: 'Oracle', methodName }) as (input: object, sync: true) => Answer;
    return (input) => call(input, true);
  };
  method('Load')({ iphlpapi, ws2_32 });
  const [Create, Lookup, Delete, Acquire, Release, Associate, Endpoints] = ['Create', 'Lookup', 'Delete', 'Acquire', 'Release', 'Associate', 'Endpoints'].map(method);
  return { Create, Lookup, Delete, Acquire, Release, Associate, Endpoints } as Oracle;
}

/** The functions of the DLLs as `native` has them, but persistent reservations and the control codes by the CLR. */
export function clrNative(native: Native, oracle: Oracle): Native {
  const persistent = (method: 'Create' | 'Lookup' | 'Delete', protocol: Protocol) => (startPort: number, numberOfPorts: number) => {
    const { error, token } = oracle[method]({ protocol, startPort, numberOfPorts });
    return { error, token: error === 0 ? BigInt(token ?? 0) : 0n };
  };
  return {
    ...native,
    iphlpapi: {
      CreatePersistentTcpPortReservation: persistent('Create', 'tcp'),
      CreatePersistentUdpPortReservation: persistent('Create', 'udp'),
      LookupPersistentTcpPortReservation: persistent('Lookup', 'tcp'),
      LookupPersistentUdpPortReservation: persistent('Lookup', 'udp'),
      DeletePersistentTcpPortReservation: persistent('Delete', 'tcp'),
      DeletePersistentUdpPortReservation: persistent('Delete', 'udp'),
    },
    ws2_32: {
      ...native.ws2_32,
      WSAIoctl(socket, code, input, inputSize, output, outputSize, bytesReturned, overlapped) {
        if (overlapped !== null || !Buffer.isBuffer(input) || !Buffer.isBuffer(bytesReturned)) throw new Error('the CLR makes plain calls only');
        const answer = controlCode(oracle, socket, code, input, inputSize, outputSize);
        bytesReturned.writeUInt32LE(answer.bytesReturned);
        if (code === SIO_ACQUIRE_PORT_RESERVATION && Buffer.isBuffer(output) && answer.error === 0) {
          output.writeUInt16BE(answer.startPort, 0);
          output.writeUInt16LE(answer.numberOfPorts, 2);
          output.writeBigUInt64LE(BigInt(answer.token), 8);
        }
        return answer.error;
      },
    },
  };
}

/** For each call another of two: who creates is not who looks up and deletes. */
export function mixedNative(one: Native, other: Native, draw: () => boolean): Native {
  const mix = <Functions extends object>(of: (native: Native) => Functions): Functions => Object.fromEntries(
    Object.keys(of(one)).map((name) => [name, (...args: unknown[]) => (of(draw() ? one : other) as Record<string, (...args: unknown[]) => unknown>)[name]?.(...args)])) as Functions;
  return { ...one, iphlpapi: mix<Iphlpapi>((native) => native.iphlpapi), ws2_32: mix((native) => native.ws2_32) };
}

/** The rows of a table of endpoints as Oracle.cs writes them, from what the library has read. */
export function endpointRows(native: Native, protocol: Protocol, addressFamily: AddressFamily): { error: number; rows: string[] } {
  const STATES = [null, 'Closed', 'Listen', 'SynSent', 'SynReceived', 'Established', 'FinWait1', 'FinWait2', 'CloseWait', 'Closing', 'LastAck', 'TimeWait', 'DeleteTCB'];
  const { error, endpoints } = native.endpointTables.read(protocol, addressFamily);
  return { error, rows: endpoints.map(({ address, scopeId, localPort, processId, state }) =>
    `${address.toString('hex')} ${scopeId} ${localPort} ${processId} ${STATES.indexOf(state)}`) };
}

function controlCode(oracle: Oracle, socket: bigint, code: number, input: Buffer, inputSize: number, outputSize: number): Answer {
  if (code === SIO_ACQUIRE_PORT_RESERVATION) {
    return oracle.Acquire({ socket: String(socket), startPort: input.readUInt16BE(0), numberOfPorts: input.readUInt16LE(2), outputSize });
  }
  const method = { [SIO_RELEASE_PORT_RESERVATION]: oracle.Release, [SIO_ASSOCIATE_PORT_RESERVATION]: oracle.Associate }[code];
  if (!method) throw new Error(`the CLR has no control code ${code}`);
  return method({ socket: String(socket), token: String(input.readBigUInt64LE()), inputSize, outputSize });
}
