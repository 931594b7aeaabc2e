// The cases of the cmdlets by PowerShell for Windows: the packaged module, its own node.exe, and the simulator's DLL.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { powerShellCaseNames, runPowerShellCases } from '../powershell-cases.mjs';
import { makePowerShell } from './powershell.mjs';

/**
 * @param onFailure gets the name of a case that failed, and why
 * @returns { on, passed, failed, skipped: [{ title, reason }] }; all cases are skipped where PowerShell cannot be had
 */
export async function testCmdlets(root, folder, wine, { library }, onFailure) {
  const count = { on: 'PowerShell for Windows', passed: 0, failed: 0, skipped: [] };
  let powershell;
  try {
    const place = join(folder, 'powershell');
    mkdirSync(place);
    powershell = makePowerShell(place, wine);
  } catch (error) {
    return { ...count, skipped: powerShellCaseNames().map((title) => ({ title, reason: error.message })) };
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
  const run = (options) => runPowerShellCases({
    powershell: powershell.program,
    module: join(root, 'build', 'package', 'PortReservation', version, 'PortReservation.psd1'),
    simulator: library,
    ...options,
  });
  const { code, noise } = await run({
    onOutcome: (result) => {
      if (result.outcome === 'failed' && result.message.includes('spawn UNKNOWN')) again.push(result.name);
      else settle(result);
    },
  });
  for (const name of again) {
    console.log(`*** Wine did not start a process: "${name}" once more. ***`);
    // A wildcard: what would be a pattern in it stands for any one character.
    await run({ filter: name.replaceAll(/[[\]*?`]/g, '?'), onOutcome: settle });
  }
  // 1: cases failed, and are counted.
  const ended = count.passed + count.failed + count.skipped.length;
  const all = powerShellCaseNames().length;
  if (ended < all || (code !== 0 && count.failed === 0 && again.length === 0)) {
    count.failed += 1;
    onFailure(`all of the ${all} cases`, `the runner ended with ${code} after ${ended}: ${noise}`);
  }
  return count;
}
