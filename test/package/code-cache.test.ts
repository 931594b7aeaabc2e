// V8's code cache beside a bundle: used where it fits, and otherwise as if it were not there.
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { ROOT } from '../helpers/tarball.js';

const NAME = 'port-reservation-host';
// Of the same length: that is all that V8 compares of a source.
const ONE = 'const say = () => "one"; console.log(say());';
const TWO = 'const say = () => "two"; console.log(say());';

function layOut(t: ExecutionContext, source: string) {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-code-cache-'));
  t.teardown(() => removeFolder(folder));
  cpSync(join(ROOT, 'dist', `${NAME}.cjs`), join(folder, `${NAME}.cjs`));
  const [bundle, cache] = [join(folder, `${NAME}.main.cjs`), join(folder, `${NAME}.cache`)];
  writeFileSync(bundle, source);
  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    t.is(stderr, '');
    t.is(status, 0);
    return stdout.trim();
  };
  t.is(node(join(ROOT, 'scripts', 'package', 'record-code-cache.mjs'), bundle), JSON.parse(/"\w+"/.exec(source)?.[0] ?? '""'));
  return { bundle, cache, start: (...flags: string[]) => node(...flags, join(folder, `${NAME}.cjs`)) };
}

test('the cache is used, if the bundle is the very one that it was made of and V8 takes it', (t) => {
  const { bundle, cache, start } = layOut(t, ONE);
  t.is(start(), 'one');
  const data = readFileSync(cache).subarray(ONE.length);
  writeFileSync(bundle, TWO);
  t.is(start(), 'two', 'it is of another bundle');
  // As who can write beside the bundle could forge it: this shows that the data is what runs.
  writeFileSync(cache, Buffer.concat([Buffer.from(TWO), data]));
  t.is(start(), 'one');
  t.is(start('--no-opt'), 'two', 'V8 refuses what was compiled with other flags');
});

test('a cache that is damaged, cut, empty or not there changes nothing', async (t) => {
  const { cache, start } = layOut(t, ONE);
  const whole = readFileSync(cache);
  for (const content of ['', ONE, `${ONE}garbage`, whole.subarray(0, -40), whole.subarray(0, ONE.length + 20), Buffer.concat([Buffer.from(ONE), Buffer.alloc(5000)])]) {
    writeFileSync(cache, content);
    t.is(start(), 'one', `${content.length} bytes`);
  }
  const data = whole.subarray(ONE.length);
  for (let at = 0; at < data.length; at += Math.ceil(data.length / 16)) {
    const damaged = Buffer.from(whole);
    // As after a power cut: the length is right.
    damaged.fill(0, ONE.length + at, ONE.length + at + 64);
    writeFileSync(cache, damaged);
    t.is(start(), 'one', `damaged at ${at}`);
  }
  await removeFolder(cache);
  t.is(start(), 'one');
});
