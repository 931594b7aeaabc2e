// The tests of the cmdlets by PowerShell for Windows: the packaged module, its own node.exe, and the simulator's DLL.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PESTER, powerShellTestFiles, runPowerShellCases } from '../powershell-cases.mjs';
import { packagedModule } from './packaged-host.mjs';
import { makePowerShell } from './powershell.mjs';
import { countTests, MOST_AGAIN } from './second-try.mjs';

/**
 * @param onFailure gets the name of a test that failed, and why
 * @param onTested is called at the end of each test
 * @param filter a wildcard for the names of the tests; all of them without it
 * @returns what they ran on, and the counts of countTests; where PowerShell or Pester cannot be had, all files of tests are skipped
 */
export async function testCmdlets(root, folder, wine, { library }, { onFailure, onTested, filter }) {
  let powershell;
  try {
    const place = join(folder, 'powershell');
    mkdirSync(place);
    powershell = await makePowerShell(place, wine);
  } catch (error) {
    return skipAll('PowerShell for Windows', error.message);
  }
  const on = `PowerShell ${powershell.version} for Windows`;
  const run = async (wanted) => {
    const [results, names] = [[], []];
    const { code, noise } = await runPowerShellCases({
      powershell: powershell.program,
      module: join(packagedModule(root).module, 'PortReservation.psd1'),
      simulator: library,
      ...(wanted ? { filter: wanted } : {}),
      onDiscovered: (discovered) => names.push(...discovered),
      onOutcome: ({ name: title, fullName, outcome, message }) => {
        onTested();
        results.push({ title, fullName, outcome: outcome === 'ok' ? 'passed' : outcome, message });
        if (outcome === 'failed') onFailure(title, message);
      },
    });
    return { code, noise, names, results };
  };

  const { code, noise, names, results } = await run(filter);
  if (code === NO_PESTER) return skipAll(on, 'there is no Pester');
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  // 1: tests failed, and are counted.
  if (names.length === 0 || results.length < names.length || (code !== 0 && failed.length === 0)) {
    const fault = { title: `all of the ${names.length} tests`, outcome: 'failed', message: `the runner ended with ${code} after ${results.length}: ${noise}` };
    onFailure(fault.title, fault.message);
    results.push(fault);
  }
  const again = [];
  for (const { title, fullName } of failed.length > MOST_AGAIN ? [] : failed) {
    console.log(`once more: ${title}`);
    // A wildcard: what would be a pattern in it stands for any one character. It gives all rows of a table, of which one counts.
    again.push(...(await run(fullName.replaceAll(/[[\]*?`]/g, '?'))).results.filter((result) => result.title === title));
  }
  return { on, ...countTests(results, again) };
}

function skipAll(on, message) {
  return { on, ...countTests(powerShellTestFiles().map((title) => ({ title, outcome: 'skipped', message }))) };
}
