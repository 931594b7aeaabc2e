// npm test: every check of the project in one order, and one last line that counts them all.
//
//   npm test                        everything
//   npm test -- --only host,cli     some parts
//   npm test -- --summary <file>    also writes the counts of each ring to the file, for .ci/run
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { readArguments } from './arguments.mjs';
import { formatCounts, SKIPPED, sumOf } from './counts.mjs';
import { findPowerShell } from './find-powershell.mjs';
import { isBuilt } from './is-built.mjs';
import { Tap } from './tap.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const [CHECKS, SIMULATOR, LIBRARY, CMDLETS] = ['build, types and lint', 'simulator', 'library, host and command line', 'cmdlets'];
/** What was counted, by ring: a set of parts that ran on the same thing. */
const rings = new Map();

/** A part is one check, or a set of tests that counts itself; what it has to tell it says line by line. The longest ones first: they run side by side. */
const parts = {
  build: testBuild,
  simulator: testSimulator,
  edgejs: (say) => check(say, 'edge-js and its assemblies compile', ['scripts/edge/prepare.mjs']),
  powershelllint: checkPowerShell,
  lint: (say) => check(say, 'ESLint has nothing to say', [binOf('eslint'), '.']),
  types: (say) => check(say, 'the types of sources and tests agree', [binOf('typescript', 'tsc'), '--noEmit', '-p', 'tsconfig.json']),
};
/** Folders of test/ with tests for AVA, run at once where all are wanted. */
const avaParts = readdirSync(join(root, 'test'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(root, 'test', entry.name)).some((name) => name.endsWith('.test.ts')))
  .map(({ name }) => name);

const names = [...Object.keys(parts), ...avaParts];
const { values: { only, summary } } = readArguments(import.meta.url, { options: { only: { type: 'string', multiple: true }, summary: { type: 'string' } } }, ({ values }) => {
  const unknown = values.only?.flatMap((list) => list.split(',')).filter((name) => !names.includes(name)) ?? [];
  return unknown.length > 0 ? `There is no part ${unknown.join(', ')}` : undefined;
}, `Parts: ${names.join(', ')}`);
const wanted = only === undefined ? names : only.flatMap((list) => list.split(','));

// Every test of a process needs dist.
if (!wanted.includes('build') && wanted.some((name) => avaParts.includes(name)) && !isBuilt(root)) wanted.push('build');
const { build, ...others } = parts;
if (wanted.includes('build')) await part('build', build);
if (total().failed > 0) finish();
// AVA runs as many processes at once as there are processors; these are one process each, nearly.
await pLimit(availableParallelism()).map(Object.entries(others).filter(([name]) => wanted.includes(name)), ([name, run]) => part(name, run));
const avaWanted = avaParts.filter((name) => wanted.includes(name));
if (avaWanted.length > 0) await part(`tests (${avaWanted.join(', ')})`, (say) => testByAva(say, avaWanted), true);
finish();

/** What parts say at the same time is told one after the other, as each ends. */
async function part(name, run, atOnce = false) {
  const title = `\n== ${name}`;
  const said = [];
  if (atOnce) console.log(title);
  const started = performance.now();
  await run((line) => (atOnce ? console.log(line) : said.push(line)));
  console.log([...atOnce ? [] : [title, ...said], `   ${((performance.now() - started) / 1000).toFixed(1)} s`].join('\n'));
}

function ringOf(name) {
  if (!rings.has(name)) rings.set(name, { ring: name, on: onWhat(name), passed: 0, failed: 0, skipped: [], failures: [] });
  return rings.get(name);
}

function onWhat(ring) {
  const node = `Node.js ${process.versions.node}`;
  if (ring === CMDLETS) return findPowerShell() === null ? 'no PowerShell' : `${powershellVersion(findPowerShell())}, ${node}`;
  return ring === SIMULATOR ? `${process.platform} on ${process.arch}` : node;
}

function powershellVersion(program) {
  const command = "'{0}PowerShell {1}' -f $(if ($PSVersionTable.PSEdition -eq 'Desktop') { 'Windows ' }), $PSVersionTable.PSVersion";
  return spawnSync(program, ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', command], { encoding: 'utf8' }).stdout.trim();
}

function pass(ring) {
  ringOf(ring).passed += 1;
}

/** It is told again at the end: whoever reads a log reads its end first. */
function fail(ring, title, message = '') {
  ringOf(ring).failed += 1;
  ringOf(ring).failures.push({ title, message });
}

function skip(ring, title, reason) {
  ringOf(ring).skipped.push({ title, reason });
}

function total() {
  return sumOf([...rings.values()]);
}

/** The program of a package, to be run by this Node.js: no shell and no npx. */
function binOf(name, command = name) {
  const manifest = findManifest(name);
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[command]);
}

function findManifest(name) {
  const manifest = join(root, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) throw new Error(`${name} is not installed: run npm ci`);
  return manifest;
}

/** Runs a tool that says nothing when all is well. One that ends with 77 was skipped, and its last line is the reason. */
async function check(say, title, args, program = process.execPath) {
  let last;
  const code = await run(args, (line) => {
    last = line;
    say(line);
  }, program);
  if (code === SKIPPED) return skipCheck(say, title, last);
  say(`${code === 0 ? 'ok' : `not ok (${code})`} - ${title}`);
  if (code === 0) pass(CHECKS);
  else fail(CHECKS, title);
}

function skipCheck(say, title, reason) {
  say(`*** SKIPPED: ${title}: ${reason} ***`);
  skip(CHECKS, title, reason);
}

/** npm ci builds. Once more only what has changed: .ci/run has other rings beside this one, which use dist/. */
async function testBuild(say) {
  if (!isBuilt(root)) return check(say, 'the package builds', ['scripts/build.mjs']);
  say('ok - the package is built');
  pass(CHECKS);
}

async function checkPowerShell(say) {
  const title = 'PSScriptAnalyzer has nothing to say';
  const powershell = findPowerShell();
  if (powershell === null) return skipCheck(say, title, 'there is no PowerShell');
  // The execution policy of a Windows machine is not what is tested.
  const policy = process.platform === 'win32' ? ['-ExecutionPolicy', 'Bypass'] : [];
  await check(say, title, ['-NoLogo', '-NoProfile', '-NonInteractive', ...policy, '-File', 'scripts/analyze.ps1'], powershell);
}

/** The simulator's C tests count themselves in their last line. */
async function testSimulator(say) {
  let summary = null;
  const code = await run(['test/simulator/run-tests.mjs'], (line) => {
    say(line);
    summary = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line) ?? summary;
    const notRun = /^\*\*\* NOT RUN HERE: (.*) \*\*\*$/.exec(line);
    if (notRun) skip(SIMULATOR, 'a build of the simulator', notRun[1]);
    if (line.startsWith('not ok')) ringOf(SIMULATOR).failures.push({ title: line, message: '' });
  });
  if (summary === null) return fail(SIMULATOR, `the simulator's tests ended with ${code} and without a count`);
  const ring = ringOf(SIMULATOR);
  ring.passed += Number(summary[1]);
  ring.failed += Number(summary[2]);
  if (code !== 0 && summary[2] === '0') fail(SIMULATOR, `the simulator's tests ended with ${code}`);
}

/** All test files in one run of AVA, each in a process of its own; its TAP is what is counted. */
async function testByAva(say, folders) {
  const files = folders.length === avaParts.length ? [] : folders.map((name) => `test/${name}/**/*.test.ts`);
  const before = total().failed;
  const tap = new Tap(({ title, outcome, message }) => {
    // The title begins with the folder, unless there is only one.
    const ring = (folders.length === 1 ? folders : title.split(' \u203A '))[0] === 'powershell' ? CMDLETS : LIBRARY;
    if (outcome === 'passed') pass(ring);
    else if (outcome === 'failed') fail(ring, title, message);
    else skip(ring, title, message);
    say(`${{ passed: 'ok', failed: 'NOT OK', skipped: 'skipped' }[outcome]} - ${title}${outcome === 'skipped' ? `: ${message}` : ''}`);
    if (outcome === 'failed') say(message);
  });
  const code = await run([binOf('ava'), '--tap', ...files], (line) => tap.read(line));
  tap.end();
  if (tap.results.length === 0) fail(LIBRARY, `AVA ran no test and ended with ${code}`);
  else if (code !== 0 && total().failed === before) fail(LIBRARY, `AVA ended with ${code} although no test failed`);
}

/** Runs a program of Node.js, or another one, and hands over what it prints line by line; gives its exit code or signal. */
async function run(args, onLine, program = process.execPath) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', onLine);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
}

function finish() {
  const skips = [...rings.values()].flatMap(({ skipped }) => skipped);
  if (skips.length > 0) console.log(`\nSKIPPED, and so not known to work here:\n${skips.map(({ title, reason }) => `  ${title}: ${reason}`).join('\n')}`);
  const failures = [...rings.values()].flatMap((ring) => ring.failures);
  if (failures.length > 0) console.log(`\nFAILED:\n${failures.map(({ title, message }) => `  ${title}\n${message}`).join('\n')}`);
  if (summary !== undefined) writeFileSync(summary, JSON.stringify([...rings.values()]));
  console.log(`\n${formatCounts(total())}`);
  process.exit(total().failed > 0 ? 1 : 0);
}
