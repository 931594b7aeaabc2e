// Runs the tests in test/powershell by Pester, in a PowerShell of the caller's choice, against a module of the caller's choice.
import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { powerShellEnvironment } from './find-powershell.mjs';
import { LineReader } from './line-reader.mjs';
import { installNugetPackages } from './nuget-packages.mjs';
import { removeFolder } from './remove-folder.mjs';
import { windowsPath } from './wine/prefix.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test', 'powershell');

/** The exit code of a run that finds no Pester. */
export const NO_PESTER = 77;

/** The files of tests, which are counted where no PowerShell can say how many tests are in them. */
export function powerShellTestFiles() {
  return readdirSync(tests).filter((file) => file.endsWith('.Tests.ps1')).sort();
}

/**
 * @param powershell the program
 * @param module path of PortReservation.psd1, of a clone or of a package
 * @param simulator path of the simulator's library; a .dll off Windows means a PowerShell for Windows under Wine
 * @param node path of Node.js, default the one in the package, else this one
 * @param filter a wildcard for the full name of a test, its blocks' names and its own with dots between them
 * @param tags only tests with one of them
 * @param onDiscovered gets the names of all tests that will run
 * @param onOutcome gets { name, fullName, outcome, message, ms } of each test as it ends
 * @returns exit code of the runner, and what it printed beside the outcomes
 */
export async function runPowerShellCases({ powershell, module, simulator, node, filter = '*', tags = [], onDiscovered = () => {}, onOutcome }) {
  const wine = process.platform !== 'win32' && simulator.endsWith('.dll');
  const windows = wine || process.platform === 'win32';
  const path = (name) => (wine ? windowsPath(name) : name);
  const bin = join(dirname(module), 'bin');
  const ownNode = join(bin, windows ? 'node.exe' : 'node');
  const pester = findPester();
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-ps-'));
  // The tool that turns the simulator's knobs finds koffi beside it: the package's, which has the binary for its own Node.js.
  const knob = join(folder, 'portsim-knob.mjs');
  copyFileSync(join(tests, 'portsim-knob.mjs'), knob);
  symlinkSync([join(bin, 'node_modules'), join(root, 'node_modules')].find(existsSync), join(folder, 'node_modules'), 'junction');

  // Files, because a Windows program cannot use a pipe of Linux.
  const [stdout, stderr] = [join(folder, 'stdout.txt'), join(folder, 'stderr.txt')];
  const files = [stdout, stderr].map((name) => openSync(name, 'w'));
  try {
    // The execution policy of a Windows machine is not what is tested.
    const child = spawn(powershell, ['-NoProfile', '-NonInteractive', ...(windows ? ['-ExecutionPolicy', 'Bypass'] : []),
      '-File', path(join(tests, 'runner.ps1')), '-ModulePath', path(module), '-Simulator', path(simulator),
      '-SimulatorState', path(join(folder, 'state')), '-KnobPath', path(knob), '-Filter', filter,
      ...(tags.length > 0 ? ['-Tag', tags.join(',')] : []), ...(pester ? ['-PesterPath', path(pester)] : []),
      '-NodePath', path(node ?? (existsSync(ownNode) ? ownNode : process.execPath))], {
      stdio: ['ignore', ...files],
      // A session starts in three quarters of the time, and the tests start many.
      env: { ...powerShellEnvironment(), DOTNET_EnableWriteXorExecute: '0' },
    });
    const reader = new LineReader(stdout);
    let noise = '';
    let told = 0;
    const read = () => {
      for (const line of reader.read()) {
        const said = parse(line);
        if (said?.tests) onDiscovered(said.tests);
        else if (said?.outcome) {
          // A warning that the test did not expect, such as of a list that was not read, may be why it failed.
          const shown = said.outcome === 'failed' ? noise.slice(told).trimEnd() : '';
          onOutcome({ ...said, message: shown === '' ? said.message : `${said.message}\nThe console shows:\n${shown}` });
          told = noise.length;
        } else noise += `${line}\n`;
      }
    };
    const timer = setInterval(read, 50);
    const code = await new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (status, signal) => resolve(signal ?? status));
    });
    clearInterval(timer);
    read();
    reader.close();
    return { code, noise: noise + readFileSync(stderr, 'utf8') };
  } finally {
    for (const file of files) closeSync(file);
    await removeFolder(folder);
  }
}

/** Pester of NuGet; null where it cannot be had, and an installed one has to do. */
function findPester() {
  try {
    return join(installNugetPackages(['Pester']).Pester, 'tools', 'Pester.psd1');
  } catch {
    return null;
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
