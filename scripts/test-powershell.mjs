// npm run test:powershell [-- --pwsh <program>] [--module <PortReservation.psd1>] [--simulator <library>] [--node <program>]
//                         [--filter <wildcard>] [--tag <tag>]...
//
// Runs the tests of the PowerShell module. Without options: by the PowerShell of PATH, against the clone's module, on the
// simulator built here. With a package and portsim.dll it also runs by a PowerShell for Windows under Wine: then --pwsh is
// a program that starts it, and takes its arguments.
//
// The last line counts. Exit codes: 0 all passed, 1 some failed, 2 wrong options, 77 skipped because
// there is no PowerShell or no Pester.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { buildSimulator } from './build-simulator.mjs';
import { formatCounts, SKIPPED } from './counts.mjs';
import { findPowerShell } from './find-powershell.mjs';
import { NO_PESTER, powerShellTestFiles, runPowerShellCases } from './powershell-cases.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = {
  ...Object.fromEntries(['pwsh', 'module', 'simulator', 'node', 'filter'].map((name) => [name, { type: 'string' }])),
  tag: { type: 'string', multiple: true },
};
const { values } = readArguments(import.meta.url, { options });
for (const name of ['pwsh', 'module', 'simulator', 'node']) {
  if (values[name] === undefined) continue;
  values[name] = resolve(values[name]);
  if (!existsSync(values[name])) {
    console.error(`test:powershell: --${name}: there is no ${values[name]}`);
    process.exit(2);
  }
}

const powershell = values.pwsh ?? findPowerShell();
if (powershell === null) {
  console.error(`\nSKIPPED: ${powerShellTestFiles().length} files of tests of the PowerShell module did not run: there is no PowerShell on PATH.\n`);
  process.exit(SKIPPED);
}
const count = { ok: 0, failed: 0, skipped: 0 };
const { code, noise } = await runPowerShellCases({
  powershell,
  module: values.module ?? join(root, 'PortReservation.psd1'),
  simulator: values.simulator ?? (await buildSimulator({ quiet: true })).library,
  ...(values.node ? { node: values.node } : {}),
  ...(values.filter ? { filter: values.filter } : {}),
  ...(values.tag ? { tags: values.tag } : {}),
  onDiscovered: (names) => console.log(`1..${names.length}`),
  onOutcome: ({ name, outcome, message, ms }) => {
    count[outcome] += 1;
    console.log(`${{ ok: 'ok', failed: 'NOT OK', skipped: 'skipped' }[outcome]} - ${name} (${ms} ms)`);
    if (outcome !== 'ok') console.log(`    ${message.split('\n').slice(0, outcome === 'failed' ? 20 : 1).join('\n    ')}`);
  },
});
if (code === NO_PESTER) {
  console.error(`\nSKIPPED: ${powerShellTestFiles().length} files of tests of the PowerShell module did not run: ${noise}`);
  process.exit(NO_PESTER);
}
if (code !== 0) {
  console.log(noise);
  // 1: tests failed, and are counted.
  if (code !== 1 || count.failed === 0) {
    console.log(`The runner ended with ${code}.`);
    count.failed += 1;
  }
}
if (count.ok + count.failed === 0) console.log('No test ran.');
console.log(formatCounts({ passed: count.ok, failed: count.failed, skipped: count.skipped }));
process.exitCode = count.failed > 0 || count.ok === 0 ? 1 : 0;
