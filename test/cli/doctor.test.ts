import test from 'ava';
import type { PortHealth } from '../../src/index.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { TCP, TCP_STATE } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, text, json } = await openCli(test);
const base = portsOf(import.meta.url);

test.serial('doctor ends with 0 where there is nothing to do', async (t) => {
  t.regex(await text(t, 'doctor'), /^tcp 49152-65535 +16384 +yes .*\n[^]*^Service winnat: running$\n\nNothing to do\.\n$/m);
  t.deepEqual((await json<PortHealth>(t, 'doctor')).findings, []);
  // Information is nothing to do.
  simulator.knob('portsim_add_system_block', TCP, base, 100, 1);
  t.regex(await text(t, 'doctor'), /^Information WinNatHolds: .*100 tcp ports/m);
});

test.serial('doctor ends with 11 where there is something to do, and says it in words, in JSON or not at all', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, base, 255);
  simulator.knob('portsim_add_system_block', TCP, base, 250, 0);
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\client.exe');
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + 252, TCP_STATE.established, 5000);
  const said = await run(t, 'doctor');
  t.like(said, { status: 11, stderr: NOTE });
  t.regex(said.stdout, /^Error DynamicRangeExhausted: The tcp dynamic range has 255 ports: 1 in use, 250 held by blocks, 4 free\. .*\n {2}The blocks hold most of it: /m);
  t.regex(said.stdout, /^ *1 +1 +client\.exe \(5000\)$/m);
  t.regex(said.stdout, /^system +tcp +1 +250$/m);
  t.notRegex(said.stdout, /^Nothing to do/m);
  const data = await run(t, 'doctor', '--json');
  t.is(data.status, 11);
  const health = JSON.parse(data.stdout) as PortHealth;
  t.like(health.findings[0], { severity: 'Error', name: 'DynamicRangeExhausted', protocol: 'tcp' });
  t.like(health.dynamicRanges[0], { protocol: 'tcp', startPort: base, portsInUse: 1, portsHeld: 250, portsFree: 4, connections: 1 });
  t.like(await run(t, 'doctor', '--quiet'), { status: 11, stdout: '', stderr: NOTE });
});
