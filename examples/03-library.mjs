// The main job with the library. Usage: node examples/03-library.mjs [SIMULATOR_LIBRARY STATE_FILE]
import { once } from 'node:events';
import { connect } from 'node:net';
import { openPortReservations } from 'port-reservation';

const [library, state] = process.argv.slice(2);
const reservations = openPortReservations(library && state ? { simulator: { library, state } } : {});

// Ten ports, chosen by the system, for as long as this process runs; needs no administrator.
const block = await reservations.acquireRuntime({ protocol: 'tcp', numberOfPorts: 10 });
console.log(`reserved ${block.protocol} ${block.startPort}-${block.endPort} on ${reservations.backend}, token ${block.token}`);

// Any free port of the block. A time-out or an AbortSignal ends the wait for a slow stack.
const socket = await reservations.bind({
  protocol: 'tcp', token: block.token, block, localAddress: '127.0.0.1', listen: true, signal: AbortSignal.timeout(5_000),
});
console.log(`${socket.state} on ${socket.localAddress}:${socket.localPort}`);

const client = connect(socket.localPort, socket.localAddress);
await once(client, 'connect');
console.log(`connected to ${client.remoteAddress}:${client.remotePort}`);
client.destroy();

socket.close();
await block.release();
// Closes everything that is still open; a second call does nothing.
reservations.close();
console.log('given back');
