import { openLibrary } from './library.js';

/**
 * Persistent port reservations of iphlpapi.dll, by their Win32 names.
 *
 * Ports are in host byte order here; `uint16_be_t` swaps StartPort to network byte order at this boundary and nowhere
 * else. Every function returns its Win32 error code as `error`, 0 for success.
 * Source: iphlpapi.h, https://learn.microsoft.com/windows/win32/api/iphlpapi/
 */
export interface Iphlpapi {
  CreatePersistentTcpPortReservation(startPort: number, numberOfPorts: number): TokenResult;
  CreatePersistentUdpPortReservation(startPort: number, numberOfPorts: number): TokenResult;
  LookupPersistentTcpPortReservation(startPort: number, numberOfPorts: number): TokenResult;
  LookupPersistentUdpPortReservation(startPort: number, numberOfPorts: number): TokenResult;
  DeletePersistentTcpPortReservation(startPort: number, numberOfPorts: number): { error: number };
  DeletePersistentUdpPortReservation(startPort: number, numberOfPorts: number): { error: number };
}

interface TokenResult {
  readonly error: number;
  /** 0 unless `error` is 0. */
  readonly token: bigint;
}

export function openIphlpapi(path: string): Iphlpapi {
  const library = openLibrary(path);

  function withToken(name: string) {
    const native = library.func(
      `uint32_t __stdcall ${name}(uint16_be_t StartPort, uint16_t NumberOfPorts, _Out_ uint64_t *Token)`);
    return (startPort: number, numberOfPorts: number): TokenResult => {
      const out: [number | bigint] = [0n];
      const error = Number(native(startPort, numberOfPorts, out));
      // koffi returns a number up to 2^53 and a bigint above; both are exact.
      return { error, token: error === 0 ? BigInt(out[0]) : 0n };
    };
  }

  function withoutToken(name: string) {
    const native = library.func(`uint32_t __stdcall ${name}(uint16_be_t StartPort, uint16_t NumberOfPorts)`);
    return (startPort: number, numberOfPorts: number) => ({ error: Number(native(startPort, numberOfPorts)) });
  }

  return {
    CreatePersistentTcpPortReservation: withToken('CreatePersistentTcpPortReservation'),
    CreatePersistentUdpPortReservation: withToken('CreatePersistentUdpPortReservation'),
    LookupPersistentTcpPortReservation: withToken('LookupPersistentTcpPortReservation'),
    LookupPersistentUdpPortReservation: withToken('LookupPersistentUdpPortReservation'),
    DeletePersistentTcpPortReservation: withoutToken('DeletePersistentTcpPortReservation'),
    DeletePersistentUdpPortReservation: withoutToken('DeletePersistentUdpPortReservation'),
  };
}
