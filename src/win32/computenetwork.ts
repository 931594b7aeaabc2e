import { hasReason } from '../errors.js';
import koffi from './koffi.js';
import { openLibrary } from './library.js';

const GUID = koffi.array('uint8_t', 16);

/** HCN_PORT_RANGE_ENTRY (computenetwork.h), 64 bytes with natural alignment. */
export const HCN_PORT_RANGE_ENTRY = koffi.struct({
  OwningPartitionId: GUID,
  TargetPartitionId: GUID,
  Protocol: 'uint32_t',
  Priority: 'uint64_t',
  ReservationType: 'uint32_t',
  SharingFlags: 'uint32_t',
  DeliveryMode: 'uint32_t',
  StartingPort: 'uint16_t',
  EndingPort: 'uint16_t',
});

/** HV_GUID_LOOPBACK as it is in memory: the partition of the host itself, whose own binds may be listed too, but are no guest's. */
const HOST_PARTITION = '9761e1e056dd104a91955ee7a155a838';

const HCN_PORT_PROTOCOL_TCP = 1;
const HCN_PORT_PROTOCOL_UDP = 2;
const HCN_PORT_PROTOCOL_BOTH = 3;
/** An entry for both protocols has both bits. */
const PROTOCOL_BITS = { tcp: HCN_PORT_PROTOCOL_TCP, udp: HCN_PORT_PROTOCOL_UDP } as const;

interface PortRangeEntry {
  readonly protocols: readonly ('tcp' | 'udp')[];
  readonly startPort: number;
  readonly endPort: number;
}

export interface ComputeNetwork {
  /**
   * The port reservations that Hyper-V's networking holds for guests, and netsh does not list (rule N7).
   *
   * @returns `null` if this Windows has no such networking, or does not answer: the DLL, its exports or the service is
   *   missing, or this user may not ask
   */
  enumerateGuestNetworkPortReservations(): PortRangeEntry[] | null;
}

/** computenetwork.dll, loaded on the first call because not every Windows has it. */
export function openComputeNetwork(path: string): ComputeNetwork {
  let native: ReturnType<typeof load> | undefined;
  return {
    enumerateGuestNetworkPortReservations() {
      try {
        native ??= load(path);
        const count: [number] = [0];
        const entries: [number | bigint] = [0];
        // A negative HRESULT is a failure.
        if (Number(native.enumerate(count, entries)) < 0) return null;
        const address = BigInt(entries[0]);
        if (address === 0n) return [];
        try {
          return decode(address, count[0]);
        } finally {
          native.free(address);
        }
      } catch (error) {
        if (hasReason(error, 'NotSupported')) return null;
        throw error;
      }
    },
  };
}

function load(path: string) {
  const library = openLibrary(path);
  return {
    enumerate: library.func('int32_t __stdcall HcnEnumerateGuestNetworkPortReservations(_Out_ uint32_t *count, _Out_ uintptr_t *entries)'),
    free: library.func('void __stdcall HcnFreeGuestNetworkPortReservations(uintptr_t entries)'),
  };
}

function decode(address: bigint, count: number): PortRangeEntry[] {
  return readEntries(address, count).filter((entry) => ![entry.OwningPartitionId, entry.TargetPartitionId].every(isHost)).map((entry) => ({
    protocols: (['tcp', 'udp'] as const).filter((name) => (entry.Protocol & PROTOCOL_BITS[name]) !== 0),
    startPort: entry.StartingPort,
    endPort: entry.EndingPort,
  }));
}

/**
 * Reads the entries until the first that cannot be one. The documentation says that the count is of entries, computenetwork.h that it
 * is of bytes; if it is of bytes, this ends before memory behind the list is read.
 */
function readEntries(address: bigint, count: number): RawEntry[] {
  const entries: RawEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    const entry = koffi.decode(address + BigInt(index * koffi.sizeof(HCN_PORT_RANGE_ENTRY)), HCN_PORT_RANGE_ENTRY) as RawEntry;
    if (entry.Protocol < HCN_PORT_PROTOCOL_TCP || entry.Protocol > HCN_PORT_PROTOCOL_BOTH || entry.StartingPort > entry.EndingPort) break;
    entries.push(entry);
  }
  return entries;
}

function isHost(partition: ArrayLike<number>): boolean {
  return Buffer.from(partition).toString('hex') === HOST_PARTITION;
}

interface RawEntry {
  OwningPartitionId: ArrayLike<number>;
  TargetPartitionId: ArrayLike<number>;
  Protocol: number;
  StartingPort: number;
  EndingPort: number;
}
