// The programs of package.json that take arguments.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

const root = new URL('../..', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: Record<string, string> };
const NAMES = ['test', 'test:powershell', 'test:headers', 'test:framework', 'test:wine', 'test:windows', 'observe:windows', 'package', 'soak', 'bench'];

async function runProgram(name: string, argument: string) {
  // Without the build before it.
  const args = (scripts[name]?.split(' && ').at(-1) ?? '').split(' ').slice(1);
  try {
    return { code: 0, ...await promisify(execFile)(process.execPath, [...args, argument], { cwd: root }) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

for (const name of NAMES) {
  test(`npm run ${name}: --help tells how it is used, and what it does not know is refused with that`, async (t) => {
    const told = await runProgram(name, '--help');
    t.is(told.code, 0, told.stderr);
    t.regex(told.stdout, new RegExp(`^npm (run )?${name}\\b`));
    const refused = await runProgram(name, '--unknown');
    t.is(refused.code, 2, refused.stderr);
    t.regex(refused.stderr, /^[^\n]*'--unknown'/);
    t.true(refused.stderr.endsWith(told.stdout));
  });
}
