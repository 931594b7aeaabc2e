import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestSimulator } from './simulator.js';

/** A simulator on the same state, off Windows, whose netsh waits at a gate. */
export interface GatedNetsh {
  readonly args: string[];
  /** When a netsh waits; then, what lets it through, and each one after it. */
  readonly waits: () => Promise<() => Promise<void>>;
}

/** @param name of a new folder for it; @param arguments_ of the netsh that waits, as a pattern of the shell */
export function gateNetsh(simulator: TestSimulator, name: string, arguments_ = '*'): GatedNetsh {
  const folder = join(simulator.folder, name);
  const gate = join(folder, 'gate');
  const { library, state } = simulator.options;
  mkdirSync(folder);
  copyFileSync(library, join(folder, 'portsim.so'));
  const netsh = join(folder, 'netsh');
  writeFileSync(netsh, `#!/bin/sh\ncase "$*" in ${arguments_}) if [ -p '${gate}' ]; then read -r _ < '${gate}'; fi;; esac\nexec '${join(dirname(library), 'netsh')}' "$@"\n`);
  chmodSync(netsh, 0o755);
  execFileSync('mkfifo', [gate]);
  return {
    args: ['--simulator', join(folder, 'portsim.so'), '--simulator-state', state],
    async waits() {
      // It opens when there is a reader.
      const writer = await open(gate, 'w');
      return async () => {
        rmSync(gate);
        await writer.close();
      };
    },
  };
}
