// Takes a socket over from another process: prints a line when ready, reads WSAPROTOCOL_INFOW as one line of base64,
// listens, and says its own process id to everyone who connects, until its stdin ends.
import koffi from 'koffi';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const FROM_PROTOCOL_INFO = -1;
const ws2_32 = koffi.load(process.argv[2]);
const WSAStartup = ws2_32.func('int __stdcall WSAStartup(uint16_t version, _Out_ uint8_t *data)');
const WSAGetLastError = ws2_32.func('int __stdcall WSAGetLastError()');
const WSASocketW = ws2_32.func('uintptr_t __stdcall WSASocketW(int af, int type, int protocol, void *info, uint32_t group, uint32_t flags)');
const listen = ws2_32.func('int __stdcall listen(uintptr_t s, int backlog)');
const accept = ws2_32.func('uintptr_t __stdcall accept(uintptr_t s, void *address, void *length)');
const send = ws2_32.func('int __stdcall send(uintptr_t s, const void *data, int length, int flags)');
const closesocket = ws2_32.func('int __stdcall closesocket(uintptr_t s)');
const invalid = 0xffff_ffff_ffff_ffffn;

WSAStartup(0x0202, Buffer.alloc(512));
process.stdin.on('end', () => process.exit(0));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
console.log('ready');
const info = Buffer.from((await lines.next()).value, 'base64');
const socket = BigInt(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, 0, 1));
const failure = socket === invalid || listen(socket, 10) !== 0 ? WSAGetLastError() : 0;
console.log(failure === 0 ? 'listening' : `failed with ${failure}`);
process.stdin.resume();

while (failure === 0) {
  const connection = BigInt(await promisify(accept.async)(socket, null, null));
  if (connection === invalid) break;
  const text = Buffer.from(`taken over by ${process.pid}`);
  send(connection, text, text.length, 0);
  closesocket(connection);
}
