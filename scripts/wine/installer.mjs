// The package for Windows Installer, as Group Policy installs it: without questions, for the machine. Installed, used once, uninstalled.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readModuleManifest } from '../package/module-manifest.mjs';
import { whyNoInstaller } from '../package/msi.mjs';
import { filesBelow } from '../package/zip.mjs';
import { runHost } from './packaged-host.mjs';
import { windowsPath } from './prefix.mjs';

/** `null` when all is as it must be, else what is not; { skipped } where the installer cannot be made. */
export async function tryInstaller(root, folder, wine, { library }) {
  const reason = whyNoInstaller();
  if (reason !== null) return { skipped: reason };
  const { version } = readModuleManifest(root);
  const output = join(folder, 'release');
  const made = spawnSync(process.execPath, [join(root, 'scripts', 'package.mjs'), '--formats', 'msi', '--output', output], { encoding: 'utf8' });
  if (made.status !== 0) return `npm run package failed: ${made.stderr}`;
  const msi = windowsPath(join(output, `PortReservation-${version}-x64.msi`));
  const modules = join(wine.driveC, 'Program Files', 'WindowsPowerShell');
  const installed = join(modules, 'Modules', 'PortReservation', version);
  const log = join(folder, 'msiexec.log');
  const installer = (verb) => wine.run(['msiexec', verb, msi, '/qn', '/norestart', '/l*v', windowsPath(log)]);
  const logged = () => (existsSync(log) ? readFileSync(log, 'utf16le').slice(-2000) : 'nothing');

  // Windows has it, with modules of its own.
  mkdirSync(join(modules, 'Modules', 'Pester'), { recursive: true });
  const before = readdirSync(join(wine.driveC, 'Program Files'), { recursive: true }).sort();
  const path = pathOf(wine);
  const code = await installer('/i');
  if (code !== 0) return `msiexec /i ended with ${code}: ${logged()}`;
  const wrong = differences(join(output, 'PortReservation', version), installed);
  if (wrong.length > 0) return `installed, these files are not those of the package: ${wrong.join(', ')}`;
  const place = join(folder, 'installed');
  mkdirSync(place);
  if (!pathOf(wine).includes(`\\PortReservation\\${version}`)) return `installed, the folder of the commands is not on PATH: ${pathOf(wine)}`;
  const said = await runHost(join(installed, 'bin'), place, wine, library, version);
  if (said !== null) return said;

  const ended = await installer('/x');
  if (ended !== 0) return `msiexec /x ended with ${ended}: ${logged()}`;
  // Wine leaves the semicolon.
  if (pathOf(wine).replace(/;$/, '') !== path) return `uninstalled, PATH is not what it was: ${pathOf(wine)}`;
  const left = readdirSync(join(wine.driveC, 'Program Files'), { recursive: true }).sort().filter((name) => !before.includes(name));
  return left.length > 0 ? `uninstalled, this is left: ${left.join(', ')}` : null;
}

/** PATH of the machine, as programs that start later get it. */
function pathOf(wine) {
  const { stdout } = spawnSync('wine', ['reg', 'query', String.raw`HKLM\System\CurrentControlSet\Control\Session Manager\Environment`, '/v', 'PATH'],
    { encoding: 'utf8', env: wine.environment });
  return /PATH\s+REG_\w+\s+(.*)/i.exec(stdout)?.[1]?.trim() ?? stdout;
}

function differences(wanted, found) {
  const names = (folder) => (existsSync(folder) ? filesBelow(folder).map(({ name }) => name) : []);
  const [all, there] = [names(wanted), names(found)];
  return [...new Set([...all, ...there])].filter((name) => !all.includes(name) || !there.includes(name)
    || !readFileSync(join(wanted, name)).equals(readFileSync(join(found, name))));
}
