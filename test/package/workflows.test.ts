import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { offWindows } from '../helpers/platform.js';

test('workflows run only actions that are pinned by their commit, with no right that they do not name', (t) => {
  const workflows = readdirSync('.github/workflows');
  t.true(workflows.includes('release.yml'));
  for (const name of workflows) {
    const source = readFileSync(join('.github/workflows', name), 'utf8');
    const { permissions, jobs } = load(source) as { permissions: unknown; jobs: Record<string, { steps: { uses?: string }[] }> };
    t.deepEqual(permissions, { contents: 'read' }, name);
    const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    t.true(used.length > 0, name);
    t.deepEqual(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action)), [], name);
  }
});

offWindows('a tag of a commit that is not on main is not built: nothing of it is run before that is known', (t) => {
  const { steps } = (load(readFileSync('.github/workflows/release.yml', 'utf8')) as { jobs: { build: { steps: { name?: string; run?: string }[] } } }).jobs.build;
  const place = steps.findIndex(({ name }) => name === 'The tag is on main');
  const { run = '' } = steps[place] ?? {};
  t.deepEqual(steps.slice(0, place).flatMap(({ run: before }) => before ?? []).filter((before) => !before.startsWith('apt-get ')), []);
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-tags-'));
  t.teardown(() => removeFolder(folder));
  const bash = (script: string) => spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });
  const made = bash(`git init -q -b main origin; cd origin; git config user.email nobody@localhost; git config user.name nobody
    commit() { git commit -q --allow-empty -m "$1"; git tag -m "$1" "$1"; }
    commit first; commit second; git checkout -q -b other first; commit other; git checkout -q main; commit third`);
  t.is(made.status, 0, made.stderr);
  // As actions/checkout fetches a tag.
  const isBuilt = (tag: string) => bash(`rm -rf clone; git init -q clone; cd clone; git remote add origin "file://$PWD/../origin"
    git fetch -q --no-tags --depth=1 origin "+refs/tags/${tag}:refs/tags/${tag}"; git checkout -q --force "refs/tags/${tag}"
    ${run}`).status === 0;
  t.deepEqual(['first', 'second', 'other', 'third'].filter(isBuilt), ['first', 'second', 'third']);
});

test('workflows give npm nothing that it would take for something else', (t) => {
  const runs = (name: string) => Object.values((load(readFileSync(join('.github/workflows', name), 'utf8')) as { jobs: Record<string, { steps: { run?: string }[] }> }).jobs)
    .flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  // A path without ./ is a repository of GitHub.
  const publish = runs('release.yml').filter((run) => run.includes('npm publish'));
  t.is(publish.length, 1);
  for (const run of publish) t.regex(run, /npm publish \.\//);
  // PowerShell starts npm.ps1, which up to npm 10.8 loses a --.
  t.deepEqual(runs('windows.yml').filter((run) => /\bnpm\b.* -- /.test(run)), []);
});
