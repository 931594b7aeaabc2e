// The tests of the cmdlets by PowerShell for Windows: the packaged module, its own node.exe, and the simulator's DLL.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PESTER, powerShellTestFiles, runPowerShellCases } from '../powershell-cases.mjs';
import { makePowerShell } from './powershell.mjs';

/**
 * @param onFailure gets the name of a test that failed, and why
 * @param onTested is called at the end of each test
 * @param filter a wildcard for the names of the tests; all of them without it
 * @returns { on, passed, failed, skipped: [{ title, reason }] }; where PowerShell or
 *   Pester cannot be had, all files of tests are skipped
 */
export async function testCmdlets(root, folder, wine, { library }, { onFailure, onTested, filter }) {
  const count = { on: 'PowerShell for Windows', passed: 0, failed: 0, skipped: [] };
  let powershell;
  try {
    const place = join(folder, 'powershell');
    mkdirSync(place);
    powershell = makePowerShell(place, wine);
  } catch (error) {
    return skipAll(count, error.message);
  }
  count.on = `PowerShell ${powershell.version} for Windows`;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // At times Wine does not start a process at all. A fault of ours comes again.
  const again = [];
  const settle = ({ name, outcome, message }) => {
    if (outcome === 'ok') count.passed += 1;
    else if (outcome === 'skipped') count.skipped.push({ title: name, reason: message });
    else {
      count.failed += 1;
      onFailure(name, message);
    }
  };
  const run = ({ onOutcome, ...options }) => runPowerShellCases({
    powershell: powershell.program,
    module: join(root, 'build', 'package', 'PortReservation', version, 'PortReservation.psd1'),
    simulator: library,
    ...(filter ? { filter } : {}),
    ...options,
    onOutcome: (result) => {
      onTested();
      onOutcome(result);
    },
  });
  let all = [];
  const { code, noise } = await run({
    onDiscovered: (names) => {
      all = names;
    },
    onOutcome: (result) => {
      if (result.outcome === 'failed' && result.message.includes('spawn UNKNOWN')) again.push(result);
      else settle(result);
    },
  });
  if (code === NO_PESTER) return skipAll(count, 'there is no Pester');
  for (const { name, fullName } of again) {
    console.log(`*** Wine did not start a process: "${name}" once more. ***`);
    // A wildcard: what would be a pattern in it stands for any one character. It gives all rows of a table, of which one counts.
    const filter = fullName.replaceAll(/[[\]*?`]/g, '?');
    await run({ filter, onOutcome: (result) => { if (result.name === name) settle(result); } });
  }
  // 1: tests failed, and are counted.
  const ended = count.passed + count.failed + count.skipped.length;
  if (all.length === 0 || ended < all.length || (code !== 0 && count.failed === 0 && again.length === 0)) {
    count.failed += 1;
    onFailure(`all of the ${all.length} tests`, `the runner ended with ${code} after ${ended}: ${noise}`);
  }
  return count;
}

function skipAll(count, reason) {
  return { ...count, skipped: powerShellTestFiles().map((title) => ({ title, reason })) };
}
