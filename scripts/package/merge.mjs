// The module as it is shipped: one .psm1, and a manifest that lies beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REGION = /^#region Functions\.[\s\S]*?^#endregion\r?\n/m;

/** ps/PortReservation.psm1 with the text of all its files in place of the lines that load them. */
export function mergeModule(root) {
  const source = readFileSync(join(root, 'ps', 'PortReservation.psm1'), 'utf8');
  if (!REGION.test(source)) throw new Error('ps/PortReservation.psm1 has no region "Functions" to put the files in');
  const files = ['Private', 'Public'].flatMap((folder) => readdirSync(join(root, 'ps', folder)).sort()
    .filter((name) => name.endsWith('.ps1'))
    .map((name) => readFileSync(join(root, 'ps', folder, name), 'utf8').trimEnd()));
  // A function, because $ in a replacement text has a meaning of its own.
  return source.replace(REGION, () => `${files.join('\n\n')}\n\n`);
}

/**
 * The manifest with the paths of the shipped layout, and with the tags by which Find-PSResource finds a module by its commands in
 * any repository. @param commandTags as readModuleManifest() gives them
 */
export function shipManifest(root, commandTags) {
  const source = readFileSync(join(root, 'PortReservation.psd1'), 'utf8');
  const tagged = source.replace(/^(\s*)Tags\s*=\s*@\(\r?\n/m, (start, indent) => `${start}${commandTags.map((tag) => `${indent}    '${tag}'\n`).join('')}`);
  if (tagged === source) throw new Error('PortReservation.psd1 has no Tags');
  const shipped = tagged.replaceAll('\'ps/', '\'');
  if (shipped === tagged) throw new Error('PortReservation.psd1 names no file in ps/');
  return shipped;
}
