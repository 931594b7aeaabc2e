import test from 'ava';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { openNative } from '../../src/native.js';
import { cases, titleOf } from '../contract/cases.js';
import { playElsewhere } from '../contract/elsewhere.js';
import { play } from '../contract/play.js';
import { findClr, loadEdgeJs } from '../helpers/clr.js';
import { clrTest } from '../helpers/clr-test.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { clrNative, mixedNative, openOracle } from './clr-native.js';
import { playRounds, randomOf } from './rounds.js';

// A second opinion: the contract, and random calls, by P/Invoke declarations that were written from the pages of Win32.
const ROUNDS = 3_000;
const simulator = await openSimulator(test);

const koffi = openNative(simulator.options);
const base = portsOf(import.meta.url);
const clr = findClr('Oracle');
const withClr = clrTest(clr);
const oracle = typeof clr === 'string' ? null : openOracle(loadEdgeJs(clr), clr.assemblyFile, koffi);
const byClr = oracle === null ? koffi : clrNative(koffi, oracle);
const seed = randomInt(2 ** 31);

const random = randomOf(seed);
for (const [name, native] of [['CLR', byClr], [`koffi and CLR, drawn with seed ${seed},`, mixedNative(koffi, byClr, () => random(2) === 0)]] as const) {
  for (const contract of cases) {
    withClr(`the contract by ${name.replace(/ drawn.*/, ' mixed')}: ${titleOf(contract)}`, async (t) => {
      await t.notThrowsAsync(play(contract.steps, {
        native, base, knob: (knob, args) => simulator.knob(knob, ...args),
        elsewhere: playElsewhere({
          args: ['--import=./test/register.mjs', fileURLToPath(new URL('../contract/other-process.ts', import.meta.url))], simulator: simulator.options, base,
        }),
      }), `by ${name}`);
    });
  }
}

withClr(`koffi and the CLR agree in ${ROUNDS} random rounds`, async (t) => {
  if (oracle === null) return t.fail();
  const seen = await playRounds({ koffi, clr: byClr, oracle, base }, ROUNDS, seed);
  const summary = [...seen].sort().map(([call, times]) => `${call} ${times}`);
  t.log(summary.join(', '));
  for (const outcome of [
    'Create: success', 'Create: ERROR_SHARING_VIOLATION', 'Create: ERROR_INVALID_PARAMETER', 'Lookup: success', 'Lookup: ERROR_NOT_FOUND',
    'Lookup: ERROR_INVALID_PARAMETER', 'Delete: success', 'Delete: ERROR_NOT_FOUND', 'Delete: ERROR_INVALID_PARAMETER', 'Acquire: success',
    'Acquire: WSAEADDRINUSE', 'Acquire: WSAEINVAL', 'Release: WSAEINVAL', 'Associate: success', 'Associate: WSAEINVAL',
    'Endpoints tcp IPv4: success', 'Endpoints tcp IPv6: success', 'Endpoints udp IPv4: success', 'Endpoints udp IPv6: success',
  ]) t.true(seen.has(outcome), `${outcome} in ${summary.join(', ')}`);
});
