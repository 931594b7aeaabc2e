// A server in .NET, in this process, on a port of a reservation. EchoServer.cs is its other half.
//
//   npm install port-reservation edge-js@24 && dotnet publish 06-dotnet-server -o clr
//   node 06-dotnet-server/server.mjs clr [SIMULATOR_LIBRARY STATE_FILE]
import { once } from 'node:events';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { openPortReservations } from 'port-reservation';
import { clrFunction, handOver, useCoreClr } from 'port-reservation/edge';

const [folder = 'clr', library, state] = process.argv.slice(2);
// Before edge-js is loaded: it reads the environment once.
useCoreClr(resolve(folder));
const edge = await import('edge-js');
const echoServer = (methodName) => clrFunction(edge, { assemblyFile: join(resolve(folder), 'EchoServer.dll'), typeName: 'EchoServer', methodName });

const reservations = openPortReservations(library && state ? { simulator: { library, state } } : {});
const block = await reservations.acquireRuntime({ protocol: 'tcp', numberOfPorts: 10 });
const socket = await reservations.bind({ protocol: 'tcp', token: block.token, block, localAddress: '127.0.0.1', listen: true });

// From here on the socket belongs to .NET.
const port = await handOver(socket, echoServer('Start'), {});
console.log(`.NET serves port ${port} of ${block.startPort}-${block.endPort} on ${reservations.backend}; here the socket is ${socket.state}`);

const client = connect(port, '127.0.0.1').setEncoding('utf8');
client.write('hello');
const [answer] = await once(client, 'data');
console.log(`it answered ${answer}`);
client.end();
await once(client, 'close');

await echoServer('Stop')(null);
await block.release();
reservations.close();
console.log('given back');
