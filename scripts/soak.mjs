// npm run soak: the attacks of test/reliability for long, and one table of what was tried.
//
//   npm run soak                                    each attack for a quarter of an hour in all
//   npm run soak -- --minutes 60                    longer
//   npm run soak -- --only model,frames             some attacks
//   npm run soak -- --only model --seed 7 --path 3  plays one failure again
//
// GITHUB_STEP_SUMMARY gets the table too.
import { appendFileSync } from 'node:fs';
import { ATTACKS } from '../test/reliability/attacks.ts';
import { readArguments } from './arguments.mjs';

const { values } = readArguments(import.meta.url, { options: {
  minutes: { type: 'string', default: '15' }, only: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' },
} }, ({ values: { minutes: given, only, seed } }) => {
  if (!(Number(given) > 0)) return `--minutes takes a number above 0, and not ${given}`;
  if (seed !== undefined && !Number.isSafeInteger(Number(seed))) return `--seed takes a whole number, and not ${seed}`;
  const unknown = only?.split(',').filter((name) => !Object.hasOwn(ATTACKS, name)) ?? [];
  return unknown.length > 0 ? `There is no attack ${unknown.join(', ')}` : undefined;
}, `Attacks: ${Object.keys(ATTACKS).join(', ')}`);
const minutes = Number(values.minutes);
const names = values.only?.split(',') ?? Object.keys(ATTACKS);
const first = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const rows = [];
let failed = false;
for (const name of names) {
  const { play, runs } = ATTACKS[name];
  const end = performance.now() + minutes * 60_000 / names.length;
  const total = {};
  let error;
  let seed = first;
  console.log(`${name}: seed ${seed}`);
  try {
    // A seed more for each round; the failure names its own.
    do {
      for (const [what, number] of Object.entries(await play({ runs, seed, path: values.path }))) {
        total[what] = what.startsWith('most ') ? Math.max(total[what] ?? 0, number) : (total[what] ?? 0) + number;
      }
      seed += 1;
    } while (values.seed === undefined && performance.now() < end);
  } catch (caught) {
    error = caught;
    failed = true;
    console.error(caught);
  }
  rows.push([name, error ? `FAILED at seed ${seed}` : 'held',
    Object.entries(total).map(([what, number]) => `${number.toLocaleString('en')} ${what}`).join(', '), `${first} to ${seed}`]);
}
const table = [['attack', 'outcome', 'tried', 'seeds'], ['---', '---', '---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
console.log(`\n${table}`);
if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${table}\n`);
process.exit(failed ? 1 : 0);
