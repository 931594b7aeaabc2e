// What a process without rights can plant around an elevated session: variables, files of the user, of the current folder and of
// the folders of PATH. Each plant leaves a canary where it is heeded. A bare Node.js heeds it, which shows that it works; the
// cmdlets, their host and the packaged command do not.
import test from 'ava';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findCompiler } from '../../scripts/build-simulator.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { layOutCommand } from '../helpers/packaged.js';
import { portsOf } from '../helpers/ports.js';
import { powershell, powershellTest, quote, scriptArguments } from '../helpers/powershell.js';
import { createSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

const windows = process.platform === 'win32';
const hasCompileCache = 'enableCompileCache' in module;
const base = portsOf(import.meta.url);
const compiler = await findCompiler(undefined).catch(() => null);
const folder = mkdtempSync(join(tmpdir(), 'port-reservation-planted-'));
const [home, here, canaries] = ['home', 'here', 'canaries'].map((name) => join(folder, name)) as [string, string, string];
for (const name of [home, here, canaries]) mkdirSync(name);
const simulator = await createSimulator();
test.after.always(async () => {
  await simulator.dispose();
  await removeFolder(folder);
});

interface Plant {
  readonly env?: Record<string, string>;
  /** What a Node.js does that heeds it, beside its start. */
  readonly script?: string;
  /** Whether it works on this system at all; else there is nothing to show that it works. */
  readonly known?: boolean;
}

const canary = (name: string) => join(canaries, name);
/** A script of Node.js that leaves a canary. */
function planted(path: string, name: string): string {
  writeFileSync(path, `require('node:fs').writeFileSync(${JSON.stringify(canary(name))}, '');`);
  return path;
}

/** Packages that leave a canary when they are required: two that the programs have in them, and one that nobody else plants. */
function plantedPackages(modules: string, name: string, own: string): void {
  for (const it of ['koffi', 'yargs', own]) {
    mkdirSync(join(modules, it), { recursive: true });
    planted(join(modules, it, 'index.js'), name);
  }
}

/** A library that leaves a canary when it is loaded. */
function plantedLibrary(name: string): string {
  const source = join(folder, `${name}.c`);
  const library = join(folder, `${name}.so`);
  writeFileSync(source, `#include <fcntl.h>\n__attribute__((constructor)) static void planted(void) { open(${JSON.stringify(canary(name))}, O_CREAT | O_WRONLY, 0600); }\n`);
  const { status, stderr } = spawnSync(compiler ?? '', ['-shared', '-fPIC', source, '-o', library], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return library;
}

function opensslConfiguration(name: string): string {
  const path = join(folder, 'openssl.cnf');
  const library = windows || compiler === null ? 'planted.dll' : plantedLibrary(name);
  writeFileSync(path, `nodejs_conf = init\nopenssl_conf = init\n[init]\nengines = engines\n[engines]\nplanted = planted\n[planted]\ndynamic_path = ${library}\nengine_id = planted\nLOAD = 2\ninit = 0\n`);
  return path;
}

mkdirSync(join(home, '.node_modules'));
plantedPackages(join(home, '.node_modules'), 'a package in the home folder', 'planted-home');
plantedPackages(join(folder, 'modules'), 'NODE_PATH', 'planted-path');
plantedPackages(join(here, 'node_modules'), 'a package in the current folder', 'planted-here');
writeFileSync(join(here, '.env'), 'NODE_OPTIONS=--require=./planted.cjs\n');
for (const name of ['node', 'netsh']) {
  if (windows) writeFileSync(join(here, `${name}.cmd`), `@echo planted> "${canary(name)}"`);
  else writeFileSync(join(here, name), `#!/bin/sh\n: > '${canary(name)}'\n`, { mode: 0o755 });
}

const PLANTS: Readonly<Record<string, Plant>> = {
  'NODE_OPTIONS with --require': { env: { NODE_OPTIONS: `--require=${planted(join(folder, 'required.cjs'), 'NODE_OPTIONS with --require')}` } },
  NODE_V8_COVERAGE: { env: { NODE_V8_COVERAGE: canary('NODE_V8_COVERAGE') } },
  ...hasCompileCache ? { NODE_COMPILE_CACHE: { env: { NODE_COMPILE_CACHE: canary('NODE_COMPILE_CACHE') }, script: 'require("node:fs")' } } : {},
  NODE_REDIRECT_WARNINGS: { env: { NODE_REDIRECT_WARNINGS: canary('NODE_REDIRECT_WARNINGS') }, script: 'process.emitWarning("a warning")' },
  NODE_PATH: { env: { NODE_PATH: join(folder, 'modules') }, script: 'require("planted-path")' },
  OPENSSL_CONF: { env: { OPENSSL_CONF: opensslConfiguration('OPENSSL_CONF') }, script: 'require("node:crypto").randomBytes(1)', known: !windows && compiler !== null },
  'a package in the home folder': { env: { HOME: home, USERPROFILE: home }, script: 'require("planted-home")' },
  'a package in the current folder': { script: 'require("planted-here")' },
  node: { env: { PATH: here }, script: 'require("node:child_process").spawnSync("node")', known: !windows },
  netsh: { env: { PATH: here }, script: 'require("node:child_process").spawnSync("netsh")', known: !windows },
};

/** The environment of a session in which all is planted. */
function session(names = Object.keys(PLANTS)): NodeJS.ProcessEnv {
  const { PATH = '' } = process.env;
  const env: NodeJS.ProcessEnv = Object.assign({ ...process.env }, ...names.map((name) => PLANTS[name]?.env ?? {}));
  // Members of the table that PowerShell has of the variables.
  return { ...env, Keys: 'none', Values: 'none', Count: '0', PSBase: 'none', PATH: env['PATH'] === here ? `${here}${delimiter}${PATH}` : PATH };
}

const heeded = () => readdirSync(canaries);

for (const [name, { script = '', known = true }] of Object.entries(PLANTS)) {
  (known ? test.serial : test.serial.skip)(`a bare Node.js heeds ${name}`, async (t) => {
    const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: here, env: session([name]) });
    t.true(existsSync(canary(name)), stderr);
    await removeFolder(canaries);
    mkdirSync(canaries);
  });
}

const [library, state] = [simulator.options.library, simulator.options.state];
const PROGRAMS: Readonly<Record<string, [script: string, expected: string]>> = {
  'the cmdlets and their host': [
    `Import-Module ${quote(join(ROOT, 'PortReservation.psd1'))} -ArgumentList @{ Simulator = ${quote(library)}; SimulatorState = ${quote(state)}; NodePath = ${quote(process.execPath)} }
     $made = New-PortReservation ${base} 2 -Kind Exclusion; "$(Get-PortReservation) $((Test-PortReservation ${base}).Reason)"; $made | Remove-PortReservation; Remove-Module PortReservation`,
    `Tcp ${base}-${base + 1} (Exclusion) Exclusion`,
  ],
  'the packaged command': [
    `& ${quote(join(layOutCommand(join(folder, 'PortReservation')), 'port-reservation.ps1'))} create ${base} --kind exclusion --json ${simulator.args.map(quote).join(' ')} | Out-Null; $LASTEXITCODE`,
    '0',
  ],
};

const shellTest = powershellTest('the surroundings of a session');
for (const [program, [script, expected]] of Object.entries(PROGRAMS)) {
  shellTest(`nothing that is planted is heeded by ${program}`, (t) => {
    const { stdout, stderr } = spawnSync(powershell, scriptArguments(script), { encoding: 'utf8', cwd: here, env: session() });
    t.is(stdout.trim(), expected, stderr);
    t.deepEqual(heeded(), []);
  });
}
