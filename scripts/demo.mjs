// npm run demo: the main job on this machine. On Windows with the real DLLs, elsewhere on the simulator; through
// PowerShell where there is one, else through the command line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSimulator } from './build-simulator.mjs';
import { findPowerShell } from './find-powershell.mjs';
import { removeFolder } from './remove-folder.mjs';

const example = (name) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const windows = process.platform === 'win32';
const folder = mkdtempSync(join(tmpdir(), 'port-reservation-demo-'));

try {
  let simulator = null;
  if (windows) {
    console.log('PortReservation demo: on Windows, with the real iphlpapi.dll and ws2_32.dll');
  } else {
    simulator = { ...await buildSimulator({ quiet: true }), state: join(folder, 'state') };
    console.log(`PortReservation demo: on the SIMULATOR, because this is ${process.platform} and not Windows`);
  }
  const powershell = findPowerShell();
  console.log(powershell ? `PowerShell:   ${powershell}` : 'No PowerShell found: the demo uses the command line');
  const { status, error } = powershell ? runPowerShell(powershell, simulator) : runCommandLine(simulator);
  if (error) throw error;
  console.log(status === 0 ? 'Done.' : `The demo failed with exit code ${status}.`);
  process.exitCode = status ?? 1;
} catch (error) {
  // Such as that there is no C compiler, and what to install.
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await removeFolder(folder);
}

function runPowerShell(powershell, simulator) {
  const options = simulator
    ? `@{ Simulator = ${quote(simulator.library)}; SimulatorState = ${quote(simulator.state)} }`
    : '@{}';
  const command = `& ${quote(example('01-reserve-bind-connect.ps1'))} -ModuleOptions ${options}; exit $LASTEXITCODE`;
  // A hashtable cannot be passed with -File; encoded, the command goes through no other quoting.
  const encoded = Buffer.from(command, 'utf16le').toString('base64');
  const policy = windows ? ['-ExecutionPolicy', 'Bypass'] : [];
  return spawnSync(powershell, ['-NoLogo', '-NoProfile', '-NonInteractive', ...policy, '-EncodedCommand', encoded], { stdio: 'inherit' });
}

function runCommandLine(simulator) {
  const args = simulator ? ['--simulator', simulator.library, '--simulator-state', simulator.state] : [];
  return spawnSync(process.execPath, [example('02-command-line.mjs'), ...args], { stdio: 'inherit' });
}

/** A PowerShell string literal; the typographic quotes end one as well. */
function quote(text) {
  return `'${text.replace(/['\u2018-\u201B]/g, '$&$&')}'`;
}
