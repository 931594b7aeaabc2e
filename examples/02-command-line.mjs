// The main job on the command line, for a script without PowerShell: every answer is JSON, every failure an exit code.
// Usage: node examples/02-command-line.mjs [--simulator LIBRARY --simulator-state FILE]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ACCESS_DENIED = 3;
const PORT_IN_USE = 4;
const NUMBER_OF_PORTS = 10;
const main = fileURLToPath(new URL('../dist/port-reservation.cjs', import.meta.url));
const common = ['--json', ...process.argv.slice(2)];

/** Runs one command: its JSON, or the exit code that shows what went wrong. */
function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, ...common], { encoding: 'utf8' });
  return status === 0 ? { status, value: JSON.parse(stdout) } : { status, value: null, stderr };
}

/** Elevated: a persistent block. Only trying shows whether one is free; blocks in use are skipped. */
function reserve() {
  for (let start = 25_100; start < 45_000; start += NUMBER_OF_PORTS) {
    const { status, value, stderr } = run('create', `${start}-${start + NUMBER_OF_PORTS - 1}`);
    if (value) return value[0];
    if (status === PORT_IN_USE) continue;
    if (status !== ACCESS_DENIED) process.stderr.write(stderr);
    return null;
  }
  return null;
}

const persistent = reserve();
// Not elevated: a runtime block. The process that binds acquires it, because it exists only there.
const source = persistent ? [`${persistent.startPort}-${persistent.endPort}`] : ['--kind', 'runtime', '--count', String(NUMBER_OF_PORTS)];
if (persistent) console.log(`Reserved:     ${persistent.protocol} ${persistent.startPort}-${persistent.endPort} (${persistent.kind}), token ${persistent.token}`);

try {
  const holder = spawn(process.execPath, [main, 'bind', ...source, '--listen', ...common], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(holder, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: holder.stdout }), 'line'),
    exited.then(([code]) => { throw new Error(`bind ended with exit code ${code}`); }),
  ]);
  const bound = JSON.parse(line);
  console.log(`Bound:        ${bound.localAddress}:${bound.localPort}, ${bound.state}`);

  const client = connect(bound.localPort, '127.0.0.1');
  await once(client, 'connect');
  console.log(`Connected:    ${client.localAddress}:${client.localPort} -> ${client.remoteAddress}:${client.remotePort}`);
  client.destroy();

  // The socket stays open until stdin ends.
  holder.stdin.end();
  await exited;
} finally {
  if (persistent) {
    const { value } = run('remove', `${persistent.startPort}-${persistent.endPort}`);
    console.log(`Given back:   ${value ? `${value[0].protocol} ${value[0].startPort}-${value[0].endPort} (${value[0].kind})` : 'NOT removed'}`);
    const left = run('list', '--port', String(persistent.startPort), '--protocol', 'tcp').value;
    console.log(`Left behind:  ${left?.length ?? 'nobody knows how many'} blocks with port ${persistent.startPort}`);
    if (left?.length !== 0) process.exitCode = 1;
  }
}
