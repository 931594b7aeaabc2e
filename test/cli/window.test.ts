import test from 'ava';
import { stripVTControlCharacters } from 'node:util';
import { runCli } from '../helpers/cli-process.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { hasTerminal, TerminalProcess } from '../helpers/terminal.js';
import type { Size } from '../helpers/terminal.js';

const { simulator } = await openCli(test);
const inTerminal = hasTerminal ? test.serial : test.serial.skip;
const map = ['map', ...simulator.args];

/** What a command shows in a terminal, without colors. */
async function screenOf(t: Parameters<typeof runCli>[0], args: readonly string[], size: Size): Promise<string[]> {
  const { screen } = await new TerminalProcess(t, simulator.folder, args, size).untilExit();
  return stripVTControlCharacters(screen).replace(NOTE.trimEnd(), '').trim().split(/\r*\n/);
}

for (const [size, lengths] of [[{ columns: 80, rows: 24 }, [71]], [{ columns: 140, rows: 40 }, [135]], [{ columns: 60, rows: 24 }, [39]], [{ columns: 20_000, rows: 20_000 }, [263]]] as const) {
  inTerminal(`the map fits a terminal of ${size.columns} by ${size.rows}`, async (t) => {
    const lines = await screenOf(t, map, size);
    t.true(lines.length < size.rows, lines.join('\n'));
    t.deepEqual(lines.filter((line) => line.length > size.columns), []);
    t.deepEqual([...new Set(lines.filter((line) => /^ *\d+ \S+$/.test(line)).map((line) => line.length))], [...lengths]);
  });

  inTerminal(`help wraps at the ${size.columns} columns of the terminal`, async (t) => {
    const lines = await screenOf(t, ['create', '--help'], size);
    t.true(lines.length > 10);
    t.deepEqual(lines.filter((line) => line.length > size.columns), []);
  });
}

for (const [columns, length] of [['140', 135], ['20', 23], ['', 71], ['-5', 71], ['80x24', 71]] as const) {
  test.serial(`where no terminal is, COLUMNS=${columns} makes a map of ${length}`, async (t) => {
    const { stdout } = await runCli(t, map, { ...process.env, COLUMNS: columns });
    const lines = stdout.split('\n').filter((line) => /^ *\d+ \S+$/.test(line));
    t.is(lines.length, 64);
    t.deepEqual([...new Set(lines.map((line) => line.length))], [length]);
  });
}

for (const columns of [60, 80, 120]) {
  test.serial(`where no terminal is, help wraps at COLUMNS=${columns}`, async (t) => {
    const { stdout } = await runCli(t, ['create', '--help'], { ...process.env, COLUMNS: String(columns) });
    const longest = Math.max(...stdout.split('\n').map((line) => line.length));
    t.true(longest <= columns && longest > columns - 20, String(longest));
  });
}
