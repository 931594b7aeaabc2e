import test from 'ava';
import type { ImplementationFn } from 'ava';
import type { Clr } from './clr.js';

/** Declares tests that need edge-js; where it is missing, each says so, and is counted as skipped. */
export function clrTest(clr: Clr | string): (title: string, run: ImplementationFn<[]>) => void {
  if (typeof clr !== 'string') return (title, run) => test.serial(title, run);
  console.warn(`\nSKIPPED: the tests of edge-js do not run here: ${clr}.\n`);
  return (title) => test(title, (t) => {
    t.log(`SKIPPED: ${clr}`);
    t.pass();
  });
}
