import type { Protocol } from '../blocks.js';
import { isPortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import type { Text } from '../texts/text.js';

/**
 * The lists that only netsh can read:
 *
 * - `excludedPortRanges`: persistent reservations, exclusions and system blocks of other programs (rule N4)
 * - `dynamicPortRange`: the dynamic range (rule N8)
 */
export type ListName = 'excludedPortRanges' | 'dynamicPortRange';

/** A list that could not be read, and why: an answer without it has only what the other sources know. Plain data, for JSON. */
export interface NotRead {
  /** Which list. */
  readonly list: ListName;
  /** The protocol whose list it is. */
  readonly protocol: Protocol;
  /** Why: `NotSupported` if there is no netsh, `OperationTimeout` if it did not end, `NativeError` otherwise. */
  readonly reason: Reason;
  /** libuv's name for the error, such as ENOENT, EACCES, ETIMEDOUT, EIO or EPROTO. */
  readonly code: string;
  /** The error as text, in the language and the words of {@link OpenOptions.voice}. */
  readonly message: string;
}

/** Is told what could not be read. Without such a function, that is an error. */
export type OnNotRead = ((notRead: NotRead) => void) | undefined;

/** Options of an answer that comes from several sources. */
export interface PartialOptions {
  /**
   * Called for each list that could not be read: the answer then has what the other sources know. Default: the first such
   * list is an error.
   */
  readonly onNotRead?: OnNotRead;
}

/** Collects what could not be read, for an answer that has it as a member. */
export function collectNotRead(): { readonly notRead: readonly NotRead[]; readonly onNotRead: (failure: NotRead) => void } {
  const notRead: NotRead[] = [];
  return { notRead, onNotRead: (failure) => void notRead.push(failure) };
}

/** Resolves as `read` does; if netsh fails and there is an `onNotRead`, it tells that and resolves to `instead`. */
export async function readOr<Value, Instead>({ voice }: Pick<Native, 'voice'>, read: Promise<Value>, instead: Instead,
  { list, protocol, onNotRead }: Pick<NotRead, 'list' | 'protocol'> & PartialOptions): Promise<Value | Instead> {
  try {
    return await read;
  } catch (error) {
    if (!onNotRead || !isPortReservationError(error) || error.syscall !== 'netsh') throw error;
    const { reason, code, message } = error.toData(voice);
    onNotRead({ list, protocol, reason, code, message });
    return instead;
  }
}

/** Says in one sentence what an answer lacks because a list could not be read: the list, the protocol and the reason. */
export function describeNotRead({ list, protocol, message }: Pick<NotRead, 'list' | 'message'> & { readonly protocol: string }): Text {
  return text(list === 'excludedPortRanges' ? 'notRead.blocks' : 'notRead.range', { protocol, why: message });
}
