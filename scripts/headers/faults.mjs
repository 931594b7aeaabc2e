// One fault of each kind, planted in a copy of the project: a check that finds none of them is none.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is wrong then, where, and how it is to be found: the kind and name of the declaration, and words of the message. */
const FAULTS = [
  { fault: 'the size of a structure', file: 'src/win32/structures.ts', from: "Reservation: INET_PORT_RANGE, Token: 'uint64_t'", to: "Reservation: INET_PORT_RANGE, Token: 'uint32_t'",
    found: ['structure', 'INET_PORT_RESERVATION_INSTANCE', 'its size'] },
  { fault: 'the offset of a member', file: 'src/win32/structures.ts', from: "Offset: 'uint32_t', OffsetHigh: 'uint32_t'", to: "OffsetHigh: 'uint32_t', Offset: 'uint32_t'",
    found: ['structure', 'WSAOVERLAPPED', 'the offset of Offset'] },
  { fault: 'the name of a member', file: 'src/win32/computenetwork.ts', from: "SharingFlags: 'uint32_t'", to: "SharedFlags: 'uint32_t'",
    found: ['structure', 'HCN_PORT_RANGE_ENTRY', 'SharedFlags'] },
  { fault: 'a constant', file: 'src/win32/structures.ts', from: 'AF_INET6 = 23', to: 'AF_INET6 = 10', found: ['constant', 'AF_INET6', 'its value'] },
  { fault: 'an error code', file: 'src/win32/codes.ts', from: 'WSAEACCES: [10013,', to: 'WSAEACCES: [10012,', found: ['constant', 'WSAEACCES', 'its value'] },
  { fault: 'a control code', file: 'src/win32/structures.ts', from: 'SIO_ACQUIRE_PORT_RESERVATION = 0x98000064', to: 'SIO_ACQUIRE_PORT_RESERVATION = 0x98000065',
    found: ['constant', 'SIO_ACQUIRE_PORT_RESERVATION', 'its value'] },
  { fault: 'a constant outside src/win32', file: 'src/sockets/try-bind.ts', from: 'SOL_SOCKET = 0xffff', to: 'SOL_SOCKET = 1', found: ['constant', 'SOL_SOCKET', 'its value'] },
  { fault: 'a constant that Windows does not have', file: 'src/win32/structures.ts', from: 'IPV6_V6ONLY = 27', to: 'IPV6_ONLY = 27', found: ['constant', 'IPV6_ONLY', 'undeclared'] },
  { fault: 'the number of parameters', file: 'src/win32/ws2_32.ts', from: 'listen(uintptr_t s, int32_t backlog)', to: 'listen(uintptr_t s)',
    found: ['function', 'listen', 'the number of parameters'] },
  { fault: 'the width of a parameter', file: 'src/win32/ws2_32.ts', from: 'closesocket(uintptr_t s)', to: 'closesocket(uint32_t s)', found: ['function', 'closesocket', 'the width of parameter 1'] },
  { fault: 'the sign of a parameter', file: 'src/win32/ws2_32.ts', from: 'WSADuplicateSocketW(uintptr_t s, uint32_t', to: 'WSADuplicateSocketW(uintptr_t s, int32_t',
    found: ['function', 'WSADuplicateSocketW', 'parameter 2'] },
  { fault: 'a parameter that is a pointer', file: 'src/win32/ws2_32.ts', from: 'bind(uintptr_t s, const void *name', to: 'bind(uintptr_t s, uint64_t name', found: ['function', 'bind', 'parameter 2'] },
  { fault: 'what a pointer points to', file: 'src/win32/iphlpapi.ts', from: '_Out_ uint64_t *Token', to: '_Out_ uint32_t *Token',
    found: ['function', 'LookupPersistentTcpPortReservation', 'what parameter 3 points to'], count: 4 },
  { fault: 'a parameter that is only read', file: 'src/win32/ws2_32.ts', from: 'int32_t optname, const void *optval', to: 'int32_t optname, _Out_ uint8_t *optval',
    found: ['function', 'setsockopt', 'parameter 4 is written to'] },
  { fault: 'the sign of a result', file: 'src/win32/kernel32.ts', from: 'uint32_t __stdcall GetLastError', to: 'int32_t __stdcall GetLastError', found: ['function', 'GetLastError', 'the result'] },
  { fault: 'the DLL of functions', file: 'src/native.ts', from: 'openEndpointTables(libraries.iphlpapi)', to: 'openEndpointTables(libraries.ws2_32)',
    found: ['import', 'GetExtendedTcpTable', 'ws2_32.dll does not have it, that of iphlpapi.dll does'], count: 2 },
  { fault: 'a prototype that cannot be read', file: 'src/win32/advapi32.ts', from: 'library.func(\n    \'int32_t __stdcall CheckTokenMembership', to: 'library.func(process.title + \n    \'int32_t __stdcall CheckTokenMembership',
    found: ['unread', 'a declaration', 'cannot be worked out'] },
  { fault: "the simulator's structure", file: 'test/simulator/include/winsock2.h', from: '  USHORT iMaxSockets;\n', to: '', found: ['structure', 'WSAData', 'the offset of iMaxUdpDg'] },
  { fault: "the simulator's constant", file: 'test/simulator/include/winsock2.h', from: '#define WSAEMFILE 10024', to: '#define WSAEMFILE 10023', found: ['macro', 'WSAEMFILE', 'its value'] },
  { fault: "the simulator's function", file: 'test/simulator/include/windows.h', from: 'OpenProcess(DWORD access, BOOL inherit', to: 'OpenProcess(DWORD access, BYTE inherit',
    found: ['function', 'OpenProcess', 'parameter 2'] },
  { fault: "the simulator's enumerator", file: 'test/simulator/include/iphlpapi.h', from: '{ UDP_TABLE_BASIC, UDP_TABLE_OWNER_PID', to: '{ UDP_TABLE_OWNER_PID, UDP_TABLE_BASIC',
    found: ['enumerator', 'UDP_TABLE_BASIC', 'its value'], count: 2 },
  { fault: 'a definition of the Windows build', file: 'test/simulator/hcn.c', from: 'HRESULT WINAPI HcnEnumerateGuestNetworkPortReservations(ULONG *', to: 'HRESULT WINAPI HcnEnumerateGuestNetworkPortReservations(USHORT *',
    found: ['source', 'hcn.c', 'conflicting types'] },
  { fault: 'a function that portsim.def renames', file: 'test/simulator/kernel_windows.c', all: true, from: 'simulated_SetLastError(DWORD code)', to: 'simulated_SetLastError(WORD code)',
    found: ['source', 'kernel_windows.c', 'simulated_SetLastError'] },
  { fault: 'an ordinal', file: 'test/simulator/portsim.def', from: '  accept @1\n', to: '  accept @100\n', found: ['export', 'accept', 'ordinal is 1, here it is 100'] },
  { fault: 'an export that Windows does not have', file: 'test/simulator/portsim.def', from: '  WSASetEvent\n', to: '  WSASetEventW\n', found: ['export', 'WSASetEventW', 'no import library has it'] },
];

/** Copies what is checked of a project into an empty folder, with all faults in it. */
export function plantFaults(root, folder) {
  for (const name of ['src', 'test/simulator']) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const edit of FAULTS) {
    const file = join(folder, edit.file);
    const parts = readFileSync(file, 'utf8').split(edit.from);
    if (parts.length < 2 || (parts.length > 2 && !edit.all)) throw new Error(`scripts/headers/faults.mjs: ${edit.file} has ${JSON.stringify(edit.from)} ${parts.length - 1} times, so no fault can be planted there`);
    writeFileSync(file, parts.join(edit.to));
  }
}

/**
 * @param results of checkProject with the faults planted
 * @returns [{ declaration, faults }] for each fault: `faults` says what is wrong with the check, if something is
 */
export function judgeFaults(results) {
  const failed = results.filter(({ faults }) => faults.length > 0);
  const expected = new Set();
  const rows = FAULTS.map(({ fault, file, found: [kind, name, words], count = 1 }) => {
    const same = failed.filter(({ declaration }) => declaration.kind === kind && (declaration.file === file || kind === 'import'));
    const found = same.filter(({ declaration, faults }) => declaration.name === name && faults.some((message) => message.includes(words)));
    for (const result of same.filter(({ faults }) => faults.some((message) => message.includes(words)))) expected.add(result);
    const number = same.filter(({ faults }) => faults.some((message) => message.includes(words))).length;
    const enough = found.length === 1 && number >= count;
    return { declaration: { kind: 'planted', name: fault, file, line: 1 }, faults: enough ? [] : [`it was not found (${number} of ${count} declarations)`] };
  });
  const surplus = failed.filter((result) => !expected.has(result))
    .map(({ declaration, faults }) => `${declaration.file}:${declaration.line} ${declaration.name}: ${faults[0]}`);
  return [...rows, { declaration: { kind: 'planted', name: 'nothing else', file: 'scripts/headers/faults.mjs', line: 1 }, faults: surplus }];
}
