// npm run test:windows: plays the contract's cases on the DLLs of this Windows, in an elevated console.
//
// A case whose rule is our own choice, because every source is silent, is an observation here and no failure: what Windows
// really does is what one wants to learn. Exit codes: 0 none failed, 1 some failed, 3 cannot run here.
import { fileURLToPath } from 'node:url';
import { cases } from '../contract/cases.js';
import { playElsewhere } from '../contract/elsewhere.js';
import { play } from '../contract/play.js';
import type { Stage } from '../contract/play.js';
import type { Case } from '../contract/steps.js';
import { within } from '../helpers/deadline.js';
import { watchBlocks } from './given-back.js';
import { openSetting, runInterruptibly } from './setting.js';

const DEADLINE = 60_000;

interface Row {
  readonly result: 'passed' | 'failed' | 'differs' | 'skipped';
  readonly contract: Case;
  readonly said: string;
}

const { native, simulator, base, description } = await openSetting('test:windows');
const stage: Stage = {
  native, base,
  elsewhere: playElsewhere({
    args: [`--import=${new URL('../register.mjs', import.meta.url).href}`, fileURLToPath(new URL('../contract/other-process.ts', import.meta.url))],
    simulator, base,
  }),
};

async function playOne(contract: Case): Promise<Row> {
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
await runInterruptibly(cases, async (contract) => {
  const row = await playOne(contract);
  rows.push(row);
  console.log(`${row.result.padEnd(7)}  ${contract.rules.join(', ').padEnd(widest)}  ${contract.title}${contract.choice ? ' (our choice)' : ''}`);
});

const count = (result: Row['result']) => rows.filter((row) => row.result === result).length;
console.log('');
for (const { result, contract, said } of rows) {
  if (result === 'failed' || result === 'differs') console.log(`${result}: ${contract.rules.join(', ')}: ${contract.title}\n  ${said}\n`);
}
console.log(`On ${description}: ${rows.length} contract cases`);
console.log(`${count('differs')} of our choices differ from this system; they are counted as skipped, no failure`);
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped') + count('differs')} skipped`);
process.exit(count('failed') === 0 ? 0 : 1);
