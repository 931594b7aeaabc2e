// npm run test:windows [-- --oracle]: plays the contract's cases on the DLLs of this Windows, in an elevated console. With
// --oracle, the CLR calls them too, alone and mixed with koffi, and random rounds compare the two.
//
// A case whose rule is our own choice, because every source is silent, is an observation here and no failure: what Windows
// really does is what one wants to learn. Exit codes: 0 none failed, 1 some failed, 3 cannot run here.
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Native } from '../../src/native.js';
import { cases } from '../contract/cases.js';
import { playElsewhere } from '../contract/elsewhere.js';
import { play } from '../contract/play.js';
import type { Stage } from '../contract/play.js';
import type { Case } from '../contract/steps.js';
import { clrNative, mixedNative, openOracle } from '../edge/clr-native.js';
import { playRounds, randomOf } from '../edge/rounds.js';
import type { Opinions } from '../edge/rounds.js';
import { findClr, loadEdgeJs } from '../helpers/clr.js';
import { within } from '../helpers/deadline.js';
import { watchBlocks } from './given-back.js';
import { openSetting, refuse, runInterruptibly } from './setting.js';

const DEADLINE = 60_000;
/** Short sets, so that Ctrl+C is soon heard. */
const [SETS, ROUNDS] = [30, 100];

interface Row {
  readonly result: 'passed' | 'failed' | 'differs' | 'skipped';
  readonly contract: Pick<Case, 'rules' | 'title' | 'choice'>;
  readonly said: string;
}

const setting = await openSetting('test:windows', import.meta.url);
const { native, simulator, base, description } = setting;
const stage: Stage = {
  native, base,
  elsewhere: playElsewhere({
    args: [`--import=${new URL('../register.mjs', import.meta.url).href}`, fileURLToPath(new URL('../contract/other-process.ts', import.meta.url))],
    simulator, base,
  }),
};

const random = randomOf(randomInt(2 ** 31));
const opinions = setting.oracle ? askClr() : null;
const engines: { by: string; native: Native }[] = [{ by: '', native }, ...(opinions ? [
  { by: 'by the CLR: ', native: opinions.clr },
  { by: 'mixed: ', native: mixedNative(native, opinions.clr, () => random(2) === 0) },
] : [])];
type Piece = { contract: Case; by: string; native: Native } | { seed: number; opinions: Opinions };

function askClr(): Opinions {
  const clr = findClr('Oracle');
  if (typeof clr === 'string') refuse('test:windows', `--oracle: ${clr}`);
  const oracle = openOracle(loadEdgeJs(clr), clr.assemblyFile, native);
  return { koffi: native, clr: clrNative(native, oracle), oracle, base };
}

async function playSomeRounds({ seed, opinions }: { seed: number; opinions: Opinions }): Promise<Row> {
  const contract = { rules: ['CLR'], title: `${ROUNDS} random rounds from seed ${seed}` };
  try {
    await playRounds(opinions, ROUNDS, seed);
    return { result: 'passed', contract, said: '' };
  } catch (error) {
    return { result: 'failed', contract, said: (error as Error).message };
  }
}

async function playOne(contract: Case, stage: Stage): Promise<Row> {
  if (contract.simulatorOnly) return { result: 'skipped', contract, said: 'needs the knobs of the simulator' };
  const giveBack = watchBlocks(native, contract.steps, base);
  let failure: string | null = null;
  try {
    await within(play(contract.steps, stage), 'the end of the case', DEADLINE);
  } catch (error) {
    failure = (error as Error).message;
  }
  const left = giveBack();
  if (left.length > 0) return { result: 'failed', contract, said: `LEFT BEHIND: ${left.join(', ')}; ${failure ?? ''}` };
  if (failure === null) return { result: 'passed', contract, said: '' };
  return { result: contract.choice ? 'differs' : 'failed', contract, said: failure };
}

const widest = Math.max(...cases.map(({ rules }) => rules.join(', ').length));
const rows: Row[] = [];
const pieces: Piece[] = engines.flatMap(({ by, native }) => cases.map((contract) => ({ contract: { ...contract, title: `${by}${contract.title}` }, by, native })));
if (opinions) for (let piece = 0; piece < SETS; piece += 1) pieces.push({ seed: random(2 ** 31), opinions });
await runInterruptibly(pieces, async (piece) => {
  const row = 'seed' in piece ? await playSomeRounds(piece) : await playOne(piece.contract, { ...stage, native: piece.native });
  const { contract } = row;
  rows.push(row);
  console.log(`${row.result.padEnd(7)}  ${contract.rules.join(', ').padEnd(widest)}  ${contract.title}${contract.choice ? ' (our choice)' : ''}`);
});

const count = (result: Row['result']) => rows.filter((row) => row.result === result).length;
console.log('');
for (const { result, contract, said } of rows) {
  if (result === 'failed' || result === 'differs') console.log(`${result}: ${contract.rules.join(', ')}: ${contract.title}\n  ${said}\n`);
}
console.log(`On ${description}: ${rows.length} ${opinions ? 'contract cases and sets of rounds' : 'contract cases'}`);
console.log(`${count('differs')} of our choices differ from this system; they are counted as skipped, no failure`);
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped') + count('differs')} skipped`);
process.exit(count('failed') === 0 ? 0 : 1);
