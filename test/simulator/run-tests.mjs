// Builds and runs the simulator's C tests: plainly, under ASan and UBSan, and where mingw-w64 and Wine are there the
// Windows build too. What cannot run here is said loudly, and is no failure. The last line is "N passed, N failed".
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSimulator, findCompiler, run, sanitizeFlags } from '../../scripts/build-simulator.mjs';
import { formatCounts } from '../../scripts/counts.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { fuzzStores } from './fuzz-store.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const testFolder = join(folder, 'tests');
const warnings = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-Wshadow'];
/** Milliseconds after which a program is ended that hangs. */
const DEADLINE = 300_000;
const total = { passed: 0, failed: 0, skipped: 0 };

function skip(reason) {
  console.log(`\n*** NOT RUN HERE: ${reason} ***`);
}

function count(name, ok) {
  total[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok' : 'not ok'} ${name}`);
}

/** Runs a program to its end or the deadline, passing its output on. */
function execute(command, commandArguments, { env, cwd } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, commandArguments, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', ({ message }) => (output += message));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** Adds up the last line of the test program; a program that died without one is a failure. */
async function runTestProgram(title, command, commandArguments, options) {
  console.log(`\n== ${title}`);
  const { code, output } = await execute(command, commandArguments, options);
  const summary = /(\d+) passed, (\d+) failed\s*$/.exec(output);
  if (summary === null) return count(`${title}: the test program came to its end`, false);
  total.passed += Number(summary[1]);
  total.failed += Number(summary[2]);
  if (code !== 0 && summary[2] === '0') count(`${title}: the test program ended with 0`, false);
}

async function sources(keep = () => true) {
  const names = await readdir(testFolder);
  return names.filter((name) => name.endsWith('.c') && name !== 'windows-program.c' && keep(name)).map((name) => join(testFolder, name));
}

async function canSanitize(compiler, temporary) {
  const probe = join(temporary, 'probe.c');
  await writeFile(probe, 'int main(void) { return 0; }\n');
  try {
    await run(compiler, [...sanitizeFlags, probe, '-o', join(temporary, 'probe')]);
    await run(join(temporary, 'probe'), []);
    return true;
  } catch {
    return false;
  }
}

async function testHere(compiler, temporary, sanitize) {
  const { library, netsh } = await buildSimulator({ sanitize, quiet: true });
  const flags = [...warnings, '-g', '-D_GNU_SOURCE', '-I', join(folder, 'include'), ...(sanitize ? sanitizeFlags : [])];
  const link = [library, `-Wl,-rpath,${dirname(library)}`];
  const suffix = sanitize ? '-sanitized' : '';
  const tests = join(temporary, `tests${suffix}`);
  const program = join(temporary, `program${suffix}`);
  await run(compiler, [...flags, ...await sources(), ...link, '-o', tests]);
  await run(compiler, [...flags, join(testFolder, 'windows-program.c'), ...link, '-o', program]);

  const env = { TMPDIR: temporary, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' };
  await runTestProgram(sanitize ? 'Under ASan and UBSan' : 'Plainly', tests, [netsh], { env });
  const { code } = await execute(program, [], { env: { ...env, PORTSIM_STATE: join(temporary, `program${suffix}.state`) } });
  count(`A program written for Windows runs${sanitize ? ' under ASan and UBSan' : ''}`, code === 0);
  if (sanitize) await testDamagedStores();
}

/** Other ones each time; a failure says its seed. */
async function testDamagedStores() {
  const seed = Date.now() % 2 ** 31;
  const outcome = await fuzzStores({ runs: 2_000, seed }).then((figures) => JSON.stringify(figures), (error) => error);
  console.log(`seed ${seed}: ${outcome}`);
  count('Damaged and crafted stores are refused or work, under ASan and UBSan', typeof outcome === 'string');
}

/** Everything the shared library shows is in portsim.def, and the other way round. */
async function testExports() {
  if (process.platform !== 'linux') return;
  const { library } = await buildSimulator({ quiet: true });
  let shown;
  try {
    shown = await run('nm', ['-D', '--defined-only', library]);
  } catch {
    return skip('the comparison of exports, for want of nm (Debian package binutils)');
  }
  const actual = shown.trim().split('\n').map((line) => line.split(' ').at(-1)).sort();
  const definition = await readFile(join(folder, 'portsim.def'), 'utf8');
  const wanted = [...definition.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]).sort();
  count('Both builds export the same names', JSON.stringify(actual) === JSON.stringify(wanted));
}

/** One reading by a second compiler: its warnings are errors too. */
async function testSecondCompiler(compiler, temporary) {
  if (process.platform !== 'linux') return;
  const library = (await readdir(folder)).filter((name) => name.endsWith('.c') && !name.endsWith('_windows.c')).map((name) => join(folder, name));
  for (const other of ['gcc', 'clang'].filter((name) => name !== compiler)) {
    const flags = [...warnings, '-D_GNU_SOURCE', '-fsyntax-only', '-I', join(folder, 'include')];
    try {
      await run(other, ['--version']);
    } catch {
      skip(`the warnings of ${other}, which is not installed`);
      continue;
    }
    const outcome = await run(other, [...flags, ...library, ...await sources()], { cwd: temporary }).then(() => '', (error) => error.message);
    console.log(outcome);
    count(`${other} has no warning`, outcome === '');
  }
}

async function testWindowsBuild(temporary) {
  let compiler;
  try {
    compiler = await findCompiler('win32-x64');
  } catch (error) {
    return skip(`the Windows build. ${error.message}`);
  }
  const { library, netsh } = await buildSimulator({ target: 'win32-x64', quiet: true });
  const place = await mkdtemp(join(temporary, 'windows-'));
  const flags = [...warnings, '-g', '-D_WIN32_WINNT=0x0A00', '-D__USE_MINGW_ANSI_STDIO=1', '-fms-extensions'];
  const link = ['-L', dirname(library), '-lportsim', '-lws2_32', '-liphlpapi', '-static-libgcc'];
  await run(compiler, [...flags, ...await sources((name) => !name.includes('_posix')), ...link, '-o', join(place, 'tests.exe')]);
  await run(compiler, [...flags, join(testFolder, 'windows-program.c'), ...link, '-o', join(place, 'program.exe')]);
  await cp(library, join(place, 'portsim.dll'));
  await cp(netsh, join(place, 'netsh.exe'));
  count('The Windows build and its tests compile without a warning', true);

  const onWindows = process.platform === 'win32';
  const start = (program, ...rest) => (onWindows ? [join(place, program), rest] : ['wine', [program, ...rest]]);
  const env = { TEMP: place, TMPDIR: undefined, PORTSIM_STATE: undefined, WINEDEBUG: '-all' };
  if (!onWindows) {
    try {
      await run('wine', ['--version']);
    } catch {
      return skip('the Windows tests, for want of Wine (Debian package wine64)');
    }
    // A prefix of its own, so that nothing of the user's Wine is touched. To make it takes some ten seconds.
    env.WINEPREFIX = join(temporary, 'wine');
    env.TEMP = '.';
    // Wine's server does not end between two programs: one that it meets at its end would fail.
    await mkdir(env.WINEPREFIX);
    await once(spawn('wineserver', ['--persistent'], { env: { ...process.env, ...env }, stdio: 'ignore' }), 'exit');
  }
  try {
    await runTestProgram(onWindows ? 'The Windows build' : 'The Windows build under Wine', ...start('tests.exe', 'netsh.exe'), { env, cwd: place });
    const { code } = await execute(...start('program.exe'), { env: { ...env, PORTSIM_STATE: 'program.state' }, cwd: place });
    count('A program written for Windows runs on the Windows build', code === 0);
  } finally {
    if (!onWindows) await run('wineserver', ['-k'], { env: { ...process.env, ...env } }).catch(() => {});
  }
}

const temporary = await mkdtemp(join(tmpdir(), 'portsim-'));
try {
  if (process.platform !== 'win32') {
    const compiler = await findCompiler();
    await testHere(compiler, temporary, false);
    await testExports();
    await testSecondCompiler(compiler, temporary);
    if (await canSanitize(compiler, temporary)) await testHere(compiler, temporary, true);
    else skip(`ASan and UBSan, which ${compiler} does not have here`);
  }
  await testWindowsBuild(temporary);
} catch (error) {
  console.log(error.message);
  count('The tests could be built', false);
} finally {
  await removeFolder(temporary);
}

console.log(`\n${formatCounts(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
