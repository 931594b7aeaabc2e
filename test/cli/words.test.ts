import test from 'ava';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { portsOf } from '../helpers/ports.js';

const { run, fails } = await openCli(test);
const base = String(portsOf(import.meta.url));

/** What was typed, and how the error begins. */
const cases: readonly (readonly [readonly string[], string])[] = [
  [['explain', '0'], 'the first port 0 is not valid: '],
  [['create', '65000', '--count', '1000'], 'the number of ports (--count) 1000 is not valid: it must be at most 536 with the first port 65000'],
  [['create', base, '--count', 'x'], '--count "x" is not valid: '],
  [['create', base, '--kind', 'system'], '--kind "system" is not valid: '],
  [['create', base, '--store', 'active'], '--store "active" is not valid: '],
  [['create', base, '--address-family', 'IPv6'], '--address-family "IPv6" is not valid: '],
  [['create', '--if-not-exists'], '--if-not-exists is not valid: it needs the first port'],
  [['create', base, '--protocol', 'icmp'], '--protocol "icmp" is not valid: '],
  [['list', '--port', '0'], '--port 0 is not valid: '],
  [['map', '--path', 'ports.png'], '--path "ports.png" is not valid: '],
  [['export', 'package.json'], 'the file "package.json" is not valid: it must be a new file, unless --force is given'],
  [['dynamic-range', 'set', '--protocol', 'tcp', '--start', '0x10', '--count', '300'], '--start "0x10" is not valid: '],
  [['create', '--input', 'no such file'], '--input "no such file" is not valid: '],
];

for (const [args, begin] of cases) {
  test.serial(`an error names what was typed: ${args.join(' ')}`, async (t) => {
    const shown = (await fails(t, 2, ...args)).replace(NOTE, '');
    t.true(shown.startsWith(`port-reservation: ${begin}`), shown);
    // No member of the library.
    t.notRegex(shown, /\b[a-z]+[A-Z]\w*/);
  });
}

test.serial('JSON names it in the same words, with the details as they were', async (t) => {
  const { stderr } = await run(t, 'explain', '0', '--json');
  t.like(JSON.parse(stderr.replace(NOTE, '')), { error: { reason: 'InvalidParameter', code: 'EINVAL', advice: 'Correct the first port.' } });
});
