import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { isPortReservationError, openPortReservations, parseExcludedPortRanges } from '../../src/index.js';
import type { PortReservations } from '../../src/index.js';
import { formatBlock, overlaps, PROTOCOLS, rangeOf } from '../../src/blocks.js';
import type { PortBlock, Protocol } from '../../src/blocks.js';
import { keyOf } from '../../src/desired-state/desired.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { TCP, UDP, WINNAT } from '../helpers/knobs.js';
import { createSimulator } from '../helpers/simulator.js';
import type { TestSimulator } from '../helpers/simulator.js';
import { attack } from './runs.js';
import type { Figures, Runs } from './runs.js';
import { cases, FAULTS_OF_NETSH, FIRST } from './told-cases.js';
import type { Case } from './told-cases.js';

/** A lasting block of the machine, in which of netsh's lists it is, by its key. */
type Blocks = Map<string, PortBlock & { readonly inForce: boolean; readonly survives: boolean }>;

/** What a change has said: what it made or found, what it removed or replaced, and its errors. */
interface Said {
  readonly there: Set<string>;
  readonly gone: Set<string>;
  readonly errors: string[];
}

/**
 * One change of a random machine, with faults of Windows and of netsh in it: a block that is gone was asked to go, one that is new was
 * asked for and returned, or an error names it; and winnat runs.
 */
export async function playTold(runs: Runs): Promise<Figures> {
  const simulator = await createSimulator();
  const faults = join(simulator.folder, 'faults');
  mkdirSync(faults);
  const netsh = join(dirname(simulator.options.library), 'netsh');
  const reservations = openPortReservations({ simulator: breakNetsh(simulator, 'faulty', faultyNetsh(netsh, faults)).options });
  const figures = { changes: 0, 'with errors': 0 };
  try {
    await attack('told', fc.asyncProperty(cases, async (given) => {
      await prepare(simulator, reservations, given);
      const before = read(simulator, netsh);
      const said = await change(reservations, given, () => inject(simulator, faults, given));
      const state = simulator.knobValue('portsim_winnat_state');
      for (const left of readdirSync(faults)) rmSync(join(faults, left));
      compare(before, read(simulator, netsh), said, given.faults.length > 0);
      assert.ok(state === WINNAT.running || /winnat is not running/.test(said.errors.join()), 'winnat runs');
      figures.changes += 1;
      figures['with errors'] += Number(said.errors.length > 0);
    }), runs);
  } finally {
    reservations.close();
    await simulator.dispose();
  }
  return figures;
}

/** Takes the first fault that waits for such a call. `blind-6`: the change is made, and the next six lists cannot be read. */
function faultyNetsh(netsh: string, faults: string): string {
  return `#!/bin/sh
case "$*" in *' add '*) call=add;; *' delete '*) call=delete;; *) call=show;; esac
for fault in '${faults}'/$call.*; do
  [ -e "$fault" ] && mv "$fault" "$fault.taken" 2> /dev/null || continue
  rm "$fault.taken"
  case $fault in
  *.refused) echo 'No.'; exit 1;;
  *.killed) kill -9 $$;;
  *.killed-after) '${netsh}' "$@" > /dev/null; kill -9 $$;;
  *.silent) '${netsh}' "$@" > /dev/null; exit 1;;
  *.unreadable) echo '?'; exit 0;;
  *.blind-*) '${netsh}' "$@"; left=\${fault##*-}; while [ $left -gt 0 ]; do : > '${faults}'/show.$left.unreadable; left=$((left - 1)); done; exit 0;;
  esac
done
exec '${netsh}' "$@"
`;
}

async function prepare(simulator: TestSimulator, reservations: PortReservations, { there }: Case): Promise<void> {
  simulator.knob('portsim_reset');
  for (const protocol of [TCP, UDP]) simulator.knob('portsim_set_dynamic_range', protocol, FIRST + 30, 20);
  for (const { is, at } of there) {
    const place = [at.protocol === 'tcp' ? TCP : UDP, at.startPort, at.numberOfPorts] as const;
    // Where it would overlap another one, it is not there.
    try {
      if (is === 'persistent') reservations.createPersistent(at);
      else if (is === 'winnat' || is === 'other') simulator.knob('portsim_add_system_block', ...place, Number(is === 'winnat'));
      else simulator.knob('portsim_add_exclusion', ...place, Number(is !== 'active'));
      if (is === 'dormant') await reservations.remove('exclusion', at, { store: 'active' });
    } catch { /* as above */ }
  }
}

function inject(simulator: TestSimulator, folder: string, { faults }: Case): void {
  for (const [index, { of, how }] of faults.entries()) {
    if (of in FAULTS_OF_NETSH) writeFileSync(join(folder, `${of}.${index}.${how}`), '');
    // As often as it is tried.
    else for (let times = of === 'StartServiceW' ? 8 : 1; times > 0; times -= 1) simulator.knob('portsim_fail_next', of, Number(how));
  }
}

/** Without the library, and without its faults. */
function read({ options }: TestSimulator, netsh: string): Blocks {
  const blocks: Blocks = new Map();
  for (const protocol of PROTOCOLS) for (const store of ['active', 'persistent'] as const) {
    const args = ['interface', 'ipv4', 'show', 'excludedportrange', `protocol=${protocol}`, `store=${store}`];
    const ask = () => execFileSync(netsh, args, { env: { PORTSIM_STATE: options.state }, encoding: 'utf8' });
    for (const { startPort, endPort, administered } of parseExcludedPortRanges(ask())) {
      const block = { protocol, startPort, numberOfPorts: endPort - startPort + 1 };
      // A block of another program does not survive a restart.
      const key = keyOf({ ...block, kind: administered ? 'exclusion' : 'persistent' });
      blocks.set(key, { ...block, inForce: store === 'active' || blocks.has(key), survives: store === 'persistent' });
    }
  }
  return new Map([...blocks].filter(([key, { survives }]) => survives || key.endsWith('exclusion')));
}

async function change(reservations: PortReservations, { ask, list, purge, restartWinNat, abortAfter }: Case, begin: () => void): Promise<Said> {
  const said: Said = { there: new Set(), gone: new Set(), errors: [] };
  const [first] = list;
  try {
    if (ask === 'apply' || !first) {
      const desired = list.filter((block, index) => !list.slice(0, index).some((other) => other.protocol === block.protocol && overlaps(rangeOf(other), rangeOf(block))));
      const within = purge === null ? undefined : [{ startPort: purge, endPort: purge + 6 }];
      const plan = await reservations.plan(desired, { restartWinNat, purge: within && true, within });
      begin();
      const controller = new AbortController();
      const results = await reservations.apply(plan, { signal: controller.signal, onProgress: (done) => done === abortAfter && controller.abort(new Error('enough')) });
      for (const { change: what, block, replaces, changed, reservation, error } of results) {
        if (error) said.errors.push(error.message);
        else if (what === 'remove') assert.ok(changed && said.gone.add(keyOf(block)));
        else assert.ok(reservation, `${formatBlock(block)} has no error and no reservation`);
        if (reservation) for (const going of replaces) said.gone.add(keyOf(going));
        if (reservation) said.there.add(keyOf(reservation));
      }
    } else if (ask === 'remove') {
      begin();
      said.gone.add(keyOf(await reservations.remove(first.kind, first)));
    } else {
      const { kind, protocol, startPort, numberOfPorts, store } = first;
      const protocols: Protocol[] = purge === null ? [protocol] : ['tcp', 'udp'];
      begin();
      const made = await reservations.createOrFind({ kind, protocols, startPort, numberOfPorts, store, ifNotExists: ask === 'find', restartWinNat });
      for (const { reservation } of made) said.there.add(keyOf(reservation));
    }
  } catch (error) {
    if (!isPortReservationError(error)) throw error;
    said.errors.push(error.message);
  }
  return said;
}

/** @param mayLose whether something was wrong, so that a loss may be told instead of undone */
function compare(before: Blocks, after: Blocks, { there, gone, errors }: Said, mayLose: boolean): void {
  const isTold = (block: PortBlock) => errors.some((error) => error.includes(formatBlock(block)));
  const show = () => JSON.stringify({ before: [...before], after: [...after], there: [...there], gone: [...gone], errors });
  for (const [key, block] of before) {
    const now = after.get(key);
    const isLess = !now || (block.inForce && !now.inForce) || (block.survives && !now.survives);
    assert.ok(!isLess || gone.has(key) || (mayLose && isTold(block)), `${key} was lost untold: ${show()}`);
  }
  for (const [key, block] of after) {
    const was = before.get(key);
    const isMore = !was || (block.inForce && !was.inForce) || (block.survives && !was.survives);
    assert.ok(!isMore || there.has(key) || isTold(block), `${key} was left untold: ${show()}`);
  }
  for (const key of there) assert.ok(after.get(key)?.inForce, `${key} is not there: ${show()}`);
}
