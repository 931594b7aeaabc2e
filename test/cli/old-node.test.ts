import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { installNode, oldVersions } from '../../scripts/install-node.mjs';
import { CLI_PROGRAM } from '../helpers/cli-process.js';
import { within } from '../helpers/deadline.js';
import { HOST_PROGRAM } from '../helpers/host-process.js';
import { isNodeSupported } from '../../src/node-version.js';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } };
const PROGRAMS: Record<string, readonly string[]> = {
  'the command line': [CLI_PROGRAM, 'list'], 'the command line, in JSON,': [CLI_PROGRAM, 'list', '--json'], 'the host': [HOST_PROGRAM],
  'the host, in German,': [HOST_PROGRAM, '--language', 'de'], 'the host, in French,': [HOST_PROGRAM, '--language', 'fr'],
};

/** In other languages than English. */
const NEEDED: Record<string, string> = { de: 'Node.js 22.20, 24.12 oder neuer wird gebraucht, und dies ist ', fr: 'il faut Node.js 22.20, 24.12 ou plus r\u00E9cent, et celui-ci est ' };

test('a version is refused exactly where package.json does not name it', (t) => {
  const refused: Record<string, boolean> = {};
  for (const range of engines.node.split(' || ')) {
    const [, sign, major = '', minor = '0'] = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(range) ?? [];
    t.truthy(sign, range);
    t.true(isNodeSupported(`${major}.${minor}.0`));
    t.true(isNodeSupported(`${major}.${Number(minor) + 1}.3`));
    if (sign === '>=') t.true(isNodeSupported(`${Number(major) + 7}.0.0-nightly`));
    else refused[`${major}.${Number(minor) - 1}.9`] = true;
  }
  for (const version of [...Object.keys(refused), '0.12.18', '12.22.12', '21.7.3', '23.11.1']) {
    t.false(isNodeSupported(version), version);
  }
});

for (const version of oldVersions) {
  for (const [name, args] of Object.entries(PROGRAMS)) {
    test.serial(`${name} on Node.js ${version} ends with 9 and one line that names what is needed and what was found`, async (t) => {
      let node: string;
      try {
        node = installNode(version);
      } catch (error) {
        t.log(`SKIPPED: ${(error as Error).message}`);
        return t.pass();
      }
      const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      t.teardown(() => child.kill('SIGKILL'));
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      t.deepEqual(await within(once(child, 'close'), 'the end of the program'), [9, null]);
      const unread = spawn(node, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      unread.stderr.destroy();
      t.deepEqual(await within(once(unread, 'exit'), 'the end of the program that nobody reads'), [9, null]);
      t.is(stdout, '');
      t.regex(stderr, /^[^\n]+\n$/);
      t.true(stderr.includes(NEEDED[args.at(-1) ?? ''] ?? 'Node.js 22.20, 24.12 or later is needed, and this is '), stderr);
      t.regex(stderr, new RegExp(` ${version.replaceAll('.', '\\.')}[."]`));
      if (args.includes('--json')) t.like(JSON.parse(stderr), { error: { reason: 'NotSupported', code: 'ENOTSUP' } });
    });
  }
}
