// One process of the race: takes and gives back overlapping blocks, and watches that nobody else has a port at the same time.
//
//   node racer.mjs <library> <state> <folder> <first port> <seed> <operations>
//
// Each port that it owns has a file in the folder, made after the system gave the port and removed before it is given back: a file
// of another process that lives is a port with two owners. Of a persistent reservation there is a file too. Prints a dot per operation.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPortReservationError, openPortReservations } from '../../dist/index.js';

const [library, state, folder, first, seed, operations] = process.argv.slice(2);
const WIDTH = 16;
const reservations = openPortReservations({ simulator: { library, state } });
const held = [];
let random = Number(seed) >>> 0 || 1;

/** xorshift32: the same seed, the same operations. */
function below(limit) {
  random ^= random << 13;
  random ^= random >>> 17;
  random ^= random << 5;
  return (random >>> 0) % limit;
}

const portsOf = ({ startPort, numberOfPorts }) => Array.from({ length: numberOfPorts }, (_, index) => startPort + index);
const fileOf = (protocol, port) => join(folder, `${protocol}-${port}`);

/** Whoever kills a process notes it first: its ports are free before its number is. */
const wasKilled = (processId) => existsSync(join(folder, `killed-${processId}`));

function claim(block) {
  for (const port of portsOf(block)) {
    const file = fileOf(block.protocol, port);
    // Whole from the first moment: this process may be killed at any other.
    const own = `${file}.${process.pid}`;
    writeFileSync(own, `${process.pid}`);
    try {
      linkSync(own, file);
      rmSync(own);
    } catch {
      const owner = readFileSync(file, 'utf8');
      if (!wasKilled(owner)) throw new Error(`${block.protocol} ${port} belongs to ${owner} and to ${process.pid}`);
      renameSync(own, file);
    }
  }
}

function disclaim(block) {
  for (const port of portsOf(block)) rmSync(fileOf(block.protocol, port));
}

const nameOf = ({ protocol, startPort, numberOfPorts }) => join(folder, `persistent-${protocol}-${startPort}-${numberOfPorts}`);

async function take() {
  const block = { protocol: below(2) ? 'tcp' : 'udp', startPort: Number(first) + below(WIDTH), numberOfPorts: 1 + below(3) };
  const kind = below(2) ? 'persistent' : 'runtime';
  const owner = kind === 'persistent' ? reservations.createPersistent(block) : await reservations.acquireRuntime(block);
  claim(block);
  if (kind === 'persistent') writeFileSync(nameOf(block), '');
  held.push({ ...block, kind, owner });
}

async function give() {
  const [block] = held.splice(below(held.length), 1);
  if (!block) return;
  if (block.kind === 'persistent') rmSync(nameOf(block));
  disclaim(block);
  if (block.kind === 'persistent') reservations.deletePersistent(block);
  else await block.owner.release();
}

async function bind() {
  const block = held[below(held.length)];
  if (!block) return;
  const socket = await reservations.bind({ protocol: block.protocol, token: block.owner.token, localAddress: '127.0.0.1' });
  if (!portsOf(block).includes(socket.localPort)) throw new Error(`port ${socket.localPort} is not of the block`);
  socket.close();
}

for (let done = 0; done < Number(operations); done += 1) {
  try {
    await [take, take, give, bind][below(4)]();
  } catch (error) {
    // What another one has; anything else is a finding.
    if (!isPortReservationError(error) || error.reason !== 'PortInUse') throw error;
  }
  process.stdout.write('.');
}
while (held.length > 0) await give();
reservations.close();
