// Builds dist/: the library and the command line by tsc, and the host as one bundled file for a quick start.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

// Built aside and put in place at once: what runs from dist meanwhile never finds half of it.
mkdirSync(`${root}build`, { recursive: true });
const aside = mkdtempSync(`${root}build/dist-`);
process.on('exit', () => rmSync(aside, { recursive: true, force: true }));
const made = `${aside}/new`;
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.build.json`, '--outDir', made], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
chmodSync(`${made}/cli/main.js`, 0o755);

const { metafile } = await build({
  entryPoints: [`${root}src/host/entry.ts`],
  outfile: `${made}/port-reservation-host.js`,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['koffi'],
  // What is in it: npm run package lists it, with its licences.
  metafile: true,
  absWorkingDir: root,
  // A package that has both is bundled as the modules that the bundler can follow.
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  plugins: [{
    name: 'version',
    setup({ onLoad }) {
      // The bundle may be moved away from package.json.
      onLoad({ filter: /[\\/]src[\\/]version\.ts$/ }, () => ({ contents: `export const VERSION = '${version}';` }));
    },
  }],
});

mkdirSync(`${root}build/metafiles`, { recursive: true });
writeFileSync(`${root}build/metafiles/port-reservation-host.json`, JSON.stringify(metafile));
if (existsSync(`${root}dist`)) renameSync(`${root}dist`, `${aside}/old`);
renameSync(made, `${root}dist`);
