// Damaged and crafted stores against the simulator under ASan and UBSan: compiles fuzz/store.c and runs it.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSimulator, findCompiler, run, sanitizeFlags } from '../../scripts/build-simulator.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * @param options.runs how many stores
 * @param options.seed of their changes
 * @param options.path the number of the first one; alone with runs 1
 * @returns how many stores were tried, refused, opened, and damaged while open
 */
export async function fuzzStores({ runs, seed, path: first = '0' }) {
  const { library } = await buildSimulator({ sanitize: true, quiet: true });
  const place = await mkdtemp(join(tmpdir(), 'portsim-fuzz-'));
  try {
    const program = join(place, 'store-fuzz');
    await run(await findCompiler(), ['-std=c11', '-Wall', '-Wextra', '-Werror', '-Wshadow', '-O1', '-g', '-D_GNU_SOURCE', ...sanitizeFlags, '-I', join(folder, 'include'),
      join(folder, 'fuzz', 'store.c'), library, `-Wl,-rpath,${dirname(library)}`, '-o', program]);
    const said = await run(program, [join(place, 'store'), String(seed), first, String(runs)]);
    const counts = /^(\d+) refused, (\d+) opened, (\d+) damaged while open$/m.exec(said);
    if (counts === null) throw new Error(`the fuzzer said: ${said.slice(-2000)}`);
    const [refused, opened, damaged] = counts.slice(1).map(Number);
    if (runs >= 1_000 && !(refused > 0 && opened > 0 && damaged > 0)) throw new Error(`the stores are not mixed: ${counts[0]}`);
    return { stores: runs, refused, opened, 'damaged while open': damaged };
  } finally {
    await removeFolder(place);
  }
}
