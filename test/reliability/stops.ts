import { fileURLToPath } from 'node:url';
import { buildSimulator } from '../../scripts/build-simulator.mjs';
import { findPowerShell } from '../../scripts/find-powershell.mjs';
import { runPowerShellCases } from '../../scripts/powershell-cases.mjs';
import type { Figures, Runs } from './runs.js';

/** Ctrl+C at many moments of every cmdlet's pipeline: the tests of test/powershell/Stops.Tests.ps1, with `runs` moments each. */
export async function stopCmdlets({ runs }: Runs): Promise<Figures> {
  const powershell = findPowerShell();
  if (powershell === null) throw new Error('there is no PowerShell');
  const { library } = await buildSimulator({ quiet: true });
  process.env['PORT_RESERVATION_STOPS'] = String(runs);
  let cases = 0;
  const failures: string[] = [];
  const { code, noise } = await runPowerShellCases({
    powershell, simulator: library, module: fileURLToPath(new URL('../../PortReservation.psd1', import.meta.url)), filter: 'stops.*',
    onOutcome: ({ name, outcome, message }) => {
      if (outcome === 'failed') failures.push(`${name}: ${message}`);
      if (outcome === 'ok') cases += 1;
    },
  });
  if (failures.length > 0) throw new Error(failures.join('\n'));
  if (code !== 0) throw new Error(`the tests of stops ended with ${code}: ${noise}`);
  return { cases, 'stops of each': runs };
}
