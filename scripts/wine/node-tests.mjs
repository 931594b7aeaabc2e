// The tests of AVA by Node.js for Windows, in the tree of scripts/wine/tree.mjs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countTests, MOST_AGAIN } from './second-try.mjs';
import { TapFile } from './tap.mjs';

/** How often AVA is started that itself does not come to its end. */
const MOST_STARTS = 3;

/**
 * Runs files of tests, and those that failed once more.
 *
 * @param where { wine, node, tree, folder, env }: the prefix, the program, the tree, a folder for what they say, variables
 * @param files patterns, from the tree
 * @param name of what they say, different for each call
 * @returns counts: as countTests gives them; titles: of the tests that passed
 */
export async function runNodeTests(where, files, name, onTested) {
  let run;
  for (let start = 1; start <= MOST_STARTS; start += 1) {
    run = await runAva(where, files, `${name}-${start}`, onTested);
    if (run.code === 0 || run.results.some(({ outcome }) => outcome === 'failed')) break;
    console.log(`AVA ended with ${run.code} although no test failed`);
  }
  const { code, results } = run;
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (code !== 0 && failed.length === 0) results.push({ title: files.join(' '), outcome: 'failed', message: `AVA ended with ${code} although no test failed` });
  const again = failed.length > 0 && failed.length <= MOST_AGAIN
    ? await runAva(where, [...files, ...failed.flatMap(({ title }) => ['--match', patternOf(title)])], `${name}-again`, onTested)
    : { results: [] };
  const titles = [...results, ...again.results].filter(({ outcome }) => outcome === 'passed').map(({ title }) => title);
  return { counts: countTests(results, again.results), titles };
}

/** AVA compares it with the title alone, which stands behind the names of the folder and the file. What has a meaning in it stands for anything. */
function patternOf(title) {
  return title.split(' › ').at(-1).replaceAll(/[*?!\\,]/g, '*');
}

async function runAva({ wine, node, tree, folder, env }, args, name, onTested) {
  const [stdout, stderr] = [join(folder, `tap-${name}.txt`), join(folder, `stderr-${name}.txt`)];
  const tap = new TapFile(stdout, ({ title, outcome, message }) => {
    if (outcome !== 'passed') console.log(`${outcome} - ${title}\n${message}`);
    onTested();
  });
  const code = await wine.run([node, '--no-warnings', 'node_modules/ava/entrypoints/cli.mjs', '--tap', ...args], { cwd: tree, stdout, stderr, env });
  const results = tap.end();
  const faults = readFileSync(stderr, 'utf8');
  if (code !== 0 && faults !== '') console.log(faults);
  return { code, results };
}
