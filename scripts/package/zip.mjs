// A zip whose bytes depend on names and contents alone.
import { once } from 'node:events';
import { createWriteStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import yazl from 'yazl';

/** The first day the format knows; the parts are local time on any machine. */
const OPTIONS = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };

/** Packs files: { name, file } or { name, text } each, with `/` in the names as the format wants. */
export async function zipFiles(entries, archive) {
  const zip = new yazl.ZipFile();
  for (const { name, file, text } of entries) {
    if (text === undefined) zip.addFile(file, name, OPTIONS);
    else zip.addBuffer(Buffer.from(text), name, OPTIONS);
  }
  const output = createWriteStream(archive);
  zip.outputStream.pipe(output);
  zip.end();
  await once(output, 'close');
}

/** The files below a folder, in one order everywhere: { name, file } each, the name under `prefix`. */
export function filesBelow(folder, prefix = '') {
  return readdirSync(folder, { recursive: true }).map((entry) => entry.replaceAll('\\', '/')).sort()
    .map((name) => ({ name: `${prefix}${name}`, file: join(folder, name) }))
    .filter(({ file }) => statSync(file).isFile());
}
