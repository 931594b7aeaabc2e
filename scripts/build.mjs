// Builds dist/: the library by tsc; the command line and the host each as one bundle with all packages inside, and a small
// program that starts it.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { recordCodeCaches } from './package/code-cache.mjs';
import { containedPackages } from './package/contained.mjs';
import { thirdPartyNotices } from './package/notices.mjs';

const started = new Date();
const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

// Built aside and put in place at once: what runs from dist meanwhile never finds half of it.
mkdirSync(`${root}build/metafiles`, { recursive: true });
const aside = mkdtempSync(`${root}build/dist-`);
process.on('exit', () => rmSync(aside, { recursive: true, force: true, maxRetries: 10 }));
const made = `${aside}/new`;
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.build.json`, '--outDir', made], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

await bundle('src/start/command-line.ts', 'port-reservation.cjs', { target: 'node12', banner: { js: '#!/usr/bin/env node' } });
chmodSync(`${made}/port-reservation.cjs`, 0o755);
await bundle('src/cli/program.ts', 'port-reservation.main.cjs', { banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' } });
await bundle('src/start/host.ts', 'port-reservation-host.cjs', { target: 'node12' });
await bundle('src/host/entry.ts', 'port-reservation-host.main.cjs');
// What is-built.mjs looks at: a source that changed meanwhile is newer.
utimesSync(`${made}/port-reservation-host.cjs`, started, started);
writeFileSync(`${made}/THIRD-PARTY-NOTICES.txt`, thirdPartyNotices(root, containedPackages(root), null));

if (existsSync(`${root}dist`)) await rename(`${root}dist`, `${aside}/old`);
await rename(made, `${root}dist`);
recordCodeCaches(`${root}dist`);

/** Windows renames no folder in which a virus scanner still reads what was just written. */
async function rename(from, to) {
  for (let tries = 1; ; tries += 1) {
    try {
      return renameSync(from, to);
    } catch (error) {
      if (process.platform !== 'win32' || !['EPERM', 'EACCES', 'EBUSY'].includes(error.code) || tries === 50) throw error;
      await setTimeout(200);
    }
  }
}

/**
 * CommonJS, because it starts sooner than a module, and needs no package.json that says what it is. What is in it is written to
 * build/metafiles: npm run package lists it, with its licences, and a test looks for what is not in it.
 */
async function bundle(entry, name, options = {}) {
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outfile: `${made}/${name}`,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Half as much to read at each start. The names stay, for whoever reads a stack; the licences are in THIRD-PARTY-NOTICES.txt.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // A package that has both is bundled as the modules that the bundler can follow.
    mainFields: ['module', 'main'],
    // CommonJS has other names for them.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': 'importMetaUrl' },
    metafile: true,
    logLevel: 'warning',
    plugins: [{
      name: 'version',
      setup({ onLoad }) {
        // The bundle may be moved away from package.json.
        onLoad({ filter: /[\\/]src[\\/]version\.ts$/ }, () => ({ contents: `export const VERSION = '${version}';` }));
      },
    }, {
      name: 'yargs',
      setup({ onResolve }) {
        // The tables of every emoji and Node.js's assert were half of the start; help is in ASCII, which a test checks.
        onResolve({ filter: /^(string-width|assert)$/ }, ({ path, importer }) => (/node_modules[\\/](yargs|cliui|wrap-ansi)[\\/]/.test(importer)
          ? { path: `${root}src/cli/${path === 'assert' ? 'yargs-assert' : 'text-width'}.ts` } : undefined));
      },
    }],
    ...options,
  });
  writeFileSync(`${root}build/metafiles/${name}.json`, JSON.stringify(metafile));
}
