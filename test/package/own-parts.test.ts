// What runs elevated loads its own parts by their full paths. Ordinary users may create C:\node_modules: nothing in it runs.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { build } from 'esbuild';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLES, copyPrograms } from '../../scripts/package/programs.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { CliProcess } from '../helpers/cli-process.js';
import { createSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

const KOFFI = `@koromix/koffi-${process.platform}-${process.arch}`;
const PROGRAMS = { 'the command line': ['port-reservation.cjs', 'list'], 'the host': ['port-reservation-host.cjs'] } as const;
const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

interface Metafile {
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
}
const metafiles = BUNDLES.map((name) => JSON.parse(readFileSync(join(ROOT, 'build', 'metafiles', `${name}.json`), 'utf8')) as Metafile);
const bundled = [...new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs)).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]))]
  .filter((name) => name !== undefined);

/** A folder with the programs in it, and in each folder above canaries by the names of all packages that are in them. */
function plant(t: ExecutionContext) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'port-reservation-parts-')));
  t.teardown(() => removeFolder(top));
  const canary = join(top, 'canary.txt');
  const program = `require('fs').appendFileSync(${JSON.stringify(canary)}, __filename + '\\n'); module.exports = {};`;
  for (const folder of [top, join(top, 'Program Files'), join(top, 'Program Files', 'PortReservation')]) {
    for (const name of [...bundled, 'koffi', KOFFI]) {
      const place = join(folder, 'node_modules', name);
      mkdirSync(place, { recursive: true });
      for (const file of ['index.js', 'index.cjs', 'index.mjs']) writeFileSync(join(place, file), program);
    }
    cpSync(join(ROOT, 'node_modules', KOFFI), join(folder, 'node_modules', KOFFI), { recursive: true });
  }
  return { folder: join(top, 'Program Files', 'PortReservation'), ran: () => existsSync(canary) };
}

test('a bundle imports what is built into Node.js, and nothing else', (t) => {
  for (const { outputs } of metafiles) {
    const imports = Object.values(outputs).flatMap((output) => output.imports).filter(({ external }) => external).map(({ path }) => path);
    t.true(imports.length > 2, imports.join(', '));
    t.deepEqual(imports.filter((name) => name !== '<runtime>' && !isBuiltin(name)), []);
  }
  t.true(bundled.includes('yargs') && bundled.includes('valibot'), bundled.join(', '));
  t.false(bundled.includes('koffi'), 'it is loaded from its place');
});

for (const [title, [program, ...args]] of Object.entries(PROGRAMS)) {
  for (const place of ['bin', 'dist']) {
    test(`${title} in ${place}/ without its part refuses with one line that names the place and the rule, whatever lies above it`, async (t) => {
      const { folder, ran } = plant(t);
      const own = join(folder, '0.1.0', place);
      copyPrograms(ROOT, own, {}, null);
      const { status, stdout, stderr } = await new CliProcess(t, args, process.env, join(own, program)).end();
      t.is(status, 9, stderr);
      t.is(stdout, '');
      t.regex(stderr, /^port-reservation: koffi's binary for \S+ is missing\. It is loaded from its place in this package and from nowhere else: [^\n]*\n$/);
      t.true(stderr.includes(join(folder, '0.1.0', place === 'dist' ? '' : place, 'node_modules', KOFFI)), stderr);
      t.false(stderr.includes(join(folder, 'node_modules')), stderr);
      t.false(ran());
    });
  }

  test(`${title} runs with its own part, and nothing that lies above it`, async (t) => {
    const { folder, ran } = plant(t);
    const bin = join(folder, '0.1.0', 'bin');
    copyPrograms(ROOT, bin, { [KOFFI]: join(ROOT, 'node_modules', KOFFI) }, null);
    const { status, stderr } = await new CliProcess(t, [...args, ...simulator.args], process.env, join(bin, program)).end();
    t.is(status, 0, stderr);
    t.false(ran());
  });
}

/** What the cmdlets give their host, and how it begins and ends what it says. */
const SPOKEN: [string[], RegExp][] = [
  [['--language', 'de'], /^port-reservation: die Bin\u00E4rdatei von koffi f\u00FCr \S+ fehlt\. .* PortReservation neu installieren, auf einem System dieser Art und mit seinen optionalen Paketen\.\n$/],
  [['--language', 'fr'], /^port-reservation: le binaire de koffi pour \S+ manque\. .* R\u00E9installez PortReservation, sur ce type de syst\u00E8me et avec ses paquets facultatifs\.\n$/],
  [['--language', 'ja'], /^port-reservation: koffi's binary for \S+ is missing\. .* Install PortReservation again, on this kind of system and with its optional packages\.\n$/],
  [['--language'], /^port-reservation: koffi's binary for /],
];
for (const [args, said] of SPOKEN) {
  test(`the host with ${args.join(' ')} says in one language what keeps it from starting`, async (t) => {
    const { folder } = plant(t);
    const bin = join(folder, '0.1.0', 'bin');
    copyPrograms(ROOT, bin, {}, null);
    const { status, stdout, stderr } = await new CliProcess(t, args, process.env, join(bin, 'port-reservation-host.cjs')).end();
    t.deepEqual([status, stdout], [9, '']);
    t.regex(stderr, said);
  });
}

test('the host names an argument that it does not take, and those that it takes', async (t) => {
  for (const [args, said] of [
    [['--help'], /^port-reservation: Unknown option '--help'\. The host takes --simulator with --simulator-state, and --language en, de or fr: /],
    [['--simulator', '/x', '--language', 'de'], /belong together\. Der Host kennt --simulator mit --simulator-state /],
  ] as const) {
    const { status, stdout, stderr } = await new CliProcess(t, args, process.env, join(ROOT, 'dist/port-reservation-host.cjs')).end();
    t.deepEqual([status, stdout], [2, '']);
    t.regex(stderr, said);
  }
});

test('without its bundle, the host says in the language of the cmdlets what to do', async (t) => {
  for (const [language, advice] of [['de', 'PortReservation neu installieren.'], ['fr', 'R\u00E9installez PortReservation.'], ['en', 'Install PortReservation again.']] as const) {
    const { folder } = plant(t);
    const bin = join(folder, '0.1.0', 'bin');
    copyPrograms(ROOT, bin, {}, null);
    await removeFolder(join(bin, 'port-reservation-host.main.cjs'));
    const { status, stderr } = await new CliProcess(t, ['--language', language], process.env, join(bin, 'port-reservation-host.cjs')).end();
    t.is(status, 1);
    t.true(stderr.endsWith(`. ${advice}\n`), stderr);
  }
});

test('an error that is not of this package has exit code 1, whatever reason it has', async (t) => {
  const { folder } = plant(t);
  const bin = join(folder, '0.1.0', 'bin');
  copyPrograms(ROOT, bin, {}, null);
  writeFileSync(join(bin, 'port-reservation.main.cjs'), "throw Object.assign(new Error('as it shall'), { reason: 'of another package' });");
  const { status, stderr } = await new CliProcess(t, ['list'], process.env, join(bin, 'port-reservation.cjs')).end();
  t.is(status, 1);
  t.regex(stderr, /^port-reservation: as it shall\. /);
});

test('a part that is not what it should be is named, in JSON where that is wanted', async (t) => {
  const { folder, ran } = plant(t);
  const bin = join(folder, '0.1.0', 'bin');
  copyPrograms(ROOT, bin, { [KOFFI]: join(ROOT, 'node_modules', KOFFI) }, null);
  const binaries = readdirSync(bin, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.node'));
  t.true(binaries.length > 0);
  for (const name of binaries) writeFileSync(join(bin, name), 'no library');
  const { status, stdout, stderr } = await new CliProcess(t, ['list', '--json'], process.env, join(bin, 'port-reservation.cjs')).end();
  t.is(status, 9);
  t.is(stdout, '');
  const { error } = JSON.parse(stderr) as { error: { message: string } };
  t.like(error, { reason: 'NotSupported', syscall: 'dlopen' });
  t.true(error.message.startsWith(`koffi's binary ${join(bin, 'node_modules', KOFFI)}`), error.message);
  t.false(ran());
});

test('the library refuses as well, as an error that can be told from others', async (t) => {
  const { folder, ran } = plant(t);
  const own = join(folder, 'node_modules', 'port-reservation');
  cpSync(join(ROOT, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(own, 'package.json'));
  const program = join(folder, 'program.mjs');
  writeFileSync(program, `
    const error = await import(${JSON.stringify(join(own, 'dist', 'win32', 'koffi.js'))}).catch((reason) => reason);
    console.log(JSON.stringify({ name: error.name, ...error.toJSON?.() }));
  `);
  await removeFolder(join(folder, 'node_modules', KOFFI));
  const { stdout, stderr } = await new CliProcess(t, [], process.env, program).end();
  t.is(stderr, '');
  t.like(JSON.parse(stdout), { name: 'PortReservationError', reason: 'NotSupported', code: 'ENOENT' });
  t.false(ran());
});

test('in a bundle that does not know where it is, the library says what to do', async (t) => {
  const { folder } = plant(t);
  const program = join(folder, 'program.cjs');
  await build({
    stdin: { contents: "import('port-reservation').catch((error) => console.log(JSON.stringify(error)));", resolveDir: ROOT },
    alias: { 'port-reservation': join(ROOT, 'dist', 'index.js') }, bundle: true, platform: 'node', format: 'cjs', outfile: program, logLevel: 'error',
  });
  const { stdout, stderr } = await new CliProcess(t, [], process.env, program).end();
  t.is(stderr, '');
  t.like(JSON.parse(stdout), { reason: 'NotSupported', advice: 'Leave port-reservation out of the bundle, and install it where the program is.' });
});
