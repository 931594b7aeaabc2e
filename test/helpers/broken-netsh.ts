import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SimulatorOptions } from '../../src/native.js';
import type { TestSimulator } from './simulator.js';

/** A simulator whose netsh is missing, or is the given script of sh, or a file that no system can run. */
export interface BrokenNetsh {
  readonly options: SimulatorOptions;
  /** The same as arguments of the command line. */
  readonly args: string[];
}

/**
 * The library of the simulator in a folder of its own, without its netsh beside it.
 *
 * @param netsh what is there instead: a script for sh (`#!/bin/sh`, off Windows), or any other text; nothing without it
 * @param mode of that file, off Windows
 */
export function breakNetsh(simulator: TestSimulator, name: string, netsh?: string, mode = 0o755): BrokenNetsh {
  const folder = join(simulator.folder, name);
  mkdirSync(folder);
  const library = join(folder, basename(simulator.options.library));
  copyFileSync(simulator.options.library, library);
  if (netsh !== undefined) writeFileSync(join(folder, process.platform === 'win32' ? 'netsh.exe' : 'netsh'), netsh, { mode });
  const { state } = simulator.options;
  return { options: { library, state }, args: ['--simulator', library, '--simulator-state', state] };
}
