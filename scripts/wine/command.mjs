// port-reservation.cmd of the package, by Wine's cmd.exe: arguments, exit code, and no variable that an unelevated process can set.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagedModule } from './packaged-host.mjs';
import { windowsPath } from './prefix.mjs';

/** Of those with no blank in them, Wine hands over only the plain ones in quotes; and its cmd takes `%` out of any. */
const ARGUMENTS = ['list', 'a b', '\u00FC & x', 'c ^ d', '!y! z', '| < >', '--json', '(x) y'];
const EXIT_CODE = 7;
const CANARIES = ['NODE_PATH', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE', 'NODE_EXTRA_CA_CERTS', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_REPL_HISTORY',
  'NODE_REDIRECT_WARNINGS', 'NODE_ICU_DATA', 'NODE_TLS_REJECT_UNAUTHORIZED', 'OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES', 'SSL_CERT_FILE',
  'SSL_CERT_DIR', 'SSLKEYLOGFILE', 'UV_THREADPOOL_SIZE', 'TEMP', 'PATHEXT', 'ProgramFiles', ';CANARY', 'CANARY & x', 'CANARY"'];
/** What a process needs, what the launcher itself sets, and what Wine gives to each by itself. */
const KNOWN = /^(PORT_RESERVATION_FOLDER|SystemRoot|windir|SystemDrive|WINE[A-Z0-9]*)$/i;

/** In a folder with what shells trip over; needs what tryPackagedHost has made. `null` when all was right, else what was not. */
export async function tryCommand(root, folder, wine, { library }) {
  const place = join(folder, '\u00DCbung & ^Co (x86) !x!');
  mkdirSync(place);
  cpSync(packagedModule(root).module, place, { recursive: true });
  const command = windowsPath(join(place, 'port-reservation.cmd'));
  const [stdout, stderr, canary, required] = ['stdout.txt', 'stderr.txt', 'canary.txt', 'required.cjs'].map((name) => join(folder, `command-${name}`));
  const said = () => `${readFileSync(stdout, 'utf8')}${readFileSync(stderr, 'utf8')}`;

  const list = ['list', '--json', '--simulator', windowsPath(library), '--simulator-state', windowsPath(join(folder, 'command-state'))];
  if (await wine.run([command, ...list], { stdout, stderr }) !== 0 || readFileSync(stdout, 'utf8').trim() !== '[]') return said();

  writeFileSync(required, `require('fs').writeFileSync(${JSON.stringify(windowsPath(canary))}, 'required');`);
  writeFileSync(join(place, 'bin', 'port-reservation.main.cjs'), `
    console.log(JSON.stringify({ args: process.argv.slice(2), names: Object.keys(process.env), program: process.execPath }));
    process.exitCode = ${EXIT_CODE};
  `);
  const env = { ...Object.fromEntries(CANARIES.map((name) => [name, windowsPath(canary)])), NODE_OPTIONS: `--require=${windowsPath(required).replaceAll('\\', '\\\\')}` };
  const code = await wine.run([command, ...ARGUMENTS], { stdout, stderr, env });
  if (code !== EXIT_CODE) return `exit code ${code}: ${said()}`;
  const { args, names, program } = JSON.parse(readFileSync(stdout, 'utf8'));
  if (JSON.stringify(args) !== JSON.stringify(ARGUMENTS)) return `other arguments: ${JSON.stringify(args)}`;
  if (program !== windowsPath(join(place, 'bin', 'node.exe'))) return `another node.exe: ${program}`;
  const left = names.filter((name) => !KNOWN.test(name));
  if (left.length > 0) return `node.exe has the variables ${left.join(', ')}`;
  return existsSync(canary) ? 'a variable made node.exe load code' : null;
}
