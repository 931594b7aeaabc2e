// The simulator's sockets are real, and tests use fixed ports: rings of tests that run side by side have a network each, with
// nothing in it but the loopback. That takes root, Linux, and the Debian packages util-linux and iproute2; without these they share
// the machine's, and its ports.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class OwnNetwork {
  #holder;

  /** A network that lasts until close(). */
  static async open() {
    const network = new OwnNetwork();
    if (process.platform !== 'linux' || spawnSync('nsenter', ['--version'], { stdio: 'ignore' }).status !== 0) return network;
    // The ports of outgoing connections are none that the simulator assigns (49152 upwards), as far as the machine lets that be set.
    const setUp = 'ip link set lo up && { echo 61000 64999 > /proc/sys/net/ipv4/ip_local_port_range || :; } && echo ready && exec cat';
    const holder = spawn('unshare', ['--net', 'sh', '-c', setUp], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = await Promise.race([once(createInterface({ input: holder.stdout }), 'line'), once(holder, 'error').then(() => []), once(holder, 'close')]);
    if (line === 'ready') network.#holder = holder;
    return network;
  }

  /** What to put before a command that shall run in it; nothing where there is only the machine's. */
  get prefix() {
    return this.#holder ? ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`, '--'] : [];
  }

  close() {
    this.#holder?.stdin.end();
  }
}
