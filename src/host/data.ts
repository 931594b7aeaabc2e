import type { ReservationData } from '../blocks.js';
import type { PortReservationError } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import type { AssociatedSocket } from '../sockets/associated-socket.js';

/** A bind as the client sees it; its socket stays in the host, under `id`. */
export interface BindData {
  readonly id: number;
  readonly protocol: AssociatedSocket['protocol'];
  readonly addressFamily: AssociatedSocket['addressFamily'];
  readonly localAddress: string;
  readonly localPort: number;
  readonly state: AssociatedSocket['state'];
  readonly owningProcess: number;
  /** The reservation it is bound from; `null` if the request had a token. */
  readonly reservation: ReservationData | null;
}

/** Error codes besides those of JSONRPCErrorCode. The last is that of the Language Server Protocol. */
export const ErrorCode = {
  PortReservation: 1, TooManyRequests: -32000, AnswerTooLong: -32001, NotInitialized: -32002, RequestCancelled: -32800,
} as const;

/** What the client is told of its host. */
export interface HostData {
  readonly protocolVersion: number;
  readonly version: string;
  readonly processId: number;
  readonly nodeVersion: string;
  readonly backend: PortReservations['backend'];
  readonly isElevated: boolean;
  readonly uptimeSeconds: number;
}

/** An error as data, in the words of the client. */
export type ErrorData = ReturnType<PortReservationError['toData']>;
