import koffi from 'koffi';
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

/** HCN_PORT_PROTOCOL: 1 TCP, 2 UDP, 3 both. */
const PROTOCOL_BITS = { tcp: 1, udp: 2 } as const;

export interface PortRangeEntry {
  readonly protocols: readonly ('tcp' | 'udp')[];
  readonly startPort: number;
  readonly endPort: number;
}

/**
 * The port reservations of guests that Hyper-V's networking holds and no list of netsh shows (rule N7).
 *
 * @returns `null` where this Windows has no such networking: the DLL, its exports or the service is missing
 */
export function enumerateGuestNetworkPortReservations(path: string): PortRangeEntry[] | null {
  let enumerate;
  let free;
  try {
    const library = openLibrary(path);
    enumerate = library.func(
      'int32_t __stdcall HcnEnumerateGuestNetworkPortReservations(_Out_ uint32_t *count, _Out_ uintptr_t *entries)');
    free = library.func('void __stdcall HcnFreeGuestNetworkPortReservations(uintptr_t entries)');
    const count: [number] = [0];
    const entries: [number | bigint] = [0];
    // A negative HRESULT is a failure.
    if (Number(enumerate(count, entries)) < 0) return null;
    const address = BigInt(entries[0]);
    if (address === 0n) return [];
    try {
      return (koffi.decode(address, koffi.array(HCN_PORT_RANGE_ENTRY, count[0])) as RawEntry[]).map((entry) => ({
        protocols: (['tcp', 'udp'] as const).filter((name) => (entry.Protocol & PROTOCOL_BITS[name]) !== 0),
        startPort: entry.StartingPort,
        endPort: entry.EndingPort,
      }));
    } finally {
      free(address);
    }
  } catch {
    return null;
  }
}

interface RawEntry {
  Protocol: number;
  StartingPort: number;
  EndingPort: number;
}
