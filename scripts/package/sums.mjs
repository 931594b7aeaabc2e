// SHA-256 of what is offered for download, as sha256sum reads it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export function sha256Of(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The text of SHA256SUMS: one line a file, without folders. */
export function sumsOf(files) {
  return [...files].sort().map((file) => `${sha256Of(file)}  ${basename(file)}\n`).join('');
}
