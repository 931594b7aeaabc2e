// A zip whose bytes depend on names and contents alone.
import { once } from 'node:events';
import { createWriteStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import yazl from 'yazl';

/** The first day the format knows; the parts are local time on any machine. */
const TIME = new Date(1980, 0, 1);

/** Packs a folder, under `prefix` in the archive, with `/` in names as the format wants. */
export async function zipFolder(folder, prefix, archive) {
  const zip = new yazl.ZipFile();
  for (const name of readdirSync(folder, { recursive: true }).map((entry) => entry.replaceAll('\\', '/')).sort()) {
    const file = join(folder, name);
    if (statSync(file).isFile()) zip.addFile(file, `${prefix}/${name}`, { mtime: TIME, mode: 0o100644, forceDosTimestamp: true });
  }
  const output = createWriteStream(archive);
  zip.outputStream.pipe(output);
  zip.end();
  await once(output, 'close');
}
