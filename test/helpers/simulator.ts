import koffi from 'koffi';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestFn } from 'ava';
import { buildSimulator } from '../../scripts/build-simulator.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import type { SimulatorOptions } from '../../src/native.js';
import { until } from './deadline.js';
import { WINNAT } from './knobs.js';

const KNOBS: Record<string, string> = {
  portsim_open: 'str', portsim_close: '', portsim_open_objects: '', portsim_reset: '', portsim_restart: '', portsim_set_elevated: 'uint32_t', portsim_set_delay: 'uint32_t',
  portsim_set_unsupported: 'uint32_t', portsim_set_language: 'str',
  portsim_add_system_block: 'uint32_t, uint32_t, uint32_t, uint32_t', portsim_remove_system_block: 'uint32_t, uint32_t, uint32_t',
  portsim_add_exclusion: 'uint32_t, uint32_t, uint32_t, uint32_t', portsim_remove_exclusion: 'uint32_t, uint32_t, uint32_t',
  portsim_add_hidden_holder: 'uint32_t, uint32_t, uint32_t', portsim_remove_hidden_holder: 'uint32_t, uint32_t, uint32_t',
  portsim_set_hcn: 'uint32_t', portsim_set_winnat: 'uint32_t', portsim_winnat_state: '', portsim_set_winnat_delay: 'uint32_t', portsim_set_winnat_disabled: 'uint32_t',
  portsim_set_dynamic_range: 'uint32_t, uint32_t, uint32_t', portsim_fail_next: 'str, uint32_t',
  portsim_set_process: 'uint32_t, str', portsim_add_endpoint: 'uint32_t, str, uint32_t, uint32_t, uint32_t', portsim_add_service: 'str, uint32_t',
};

export interface TestSimulator {
  /** What the library, the host and the command line take. */
  readonly options: SimulatorOptions;
  /** The same as arguments of the command line. */
  readonly args: string[];
  /** A temporary folder, removed at the end. */
  readonly folder: string;
  /** Calls `portsim_<name>`; the setting is in the store, so every process sees it. */
  knob(name: string, ...args: (number | string)[]): void;
  /** Calls a `portsim_` function that answers a question. */
  knobValue(name: string): number;
  /** Waits until the service winnat is stopping. */
  winNatStops(): Promise<void>;
  dispose(): Promise<void>;
}

/** The simulator of a file's tests, empty before each. Call it before the first test. */
export async function openSimulator(test: TestFn): Promise<TestSimulator> {
  const simulator = await createSimulator();
  test.beforeEach(() => simulator.knob('portsim_reset'));
  test.after.always(() => simulator.dispose());
  return simulator;
}

/** The simulator with an empty store of its own in a temporary folder. */
export async function createSimulator(): Promise<TestSimulator> {
  const { library } = await buildSimulator({ quiet: true });
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-'));
  const options = { library, state: join(folder, 'state') };
  const portsim = koffi.load(library);
  const call = (name: string, ...args: (number | string)[]): number => {
    const parameters = KNOBS[name];
    if (parameters === undefined) throw new Error(`no knob ${name}`);
    return portsim.func(`uint32_t ${name}(${parameters})`)(...args);
  };
  const knob = (name: string, ...args: (number | string)[]) => {
    const error = call(name, ...args);
    if (error !== 0) throw new Error(`${name}(${args.join(', ')}) gave ${error}`);
  };
  knob('portsim_open', options.state);
  return {
    options,
    args: ['--simulator', options.library, '--simulator-state', options.state],
    folder,
    knob,
    knobValue: (name) => call(name),
    // A service tells its state only when asked.
    winNatStops: () => until(() => call('portsim_winnat_state') === WINNAT.stopping, 'the stop of winnat'),
    async dispose() {
      knob('portsim_close');
      await removeFolder(folder);
    },
  };
}
