// The folder bin/ of the module: what runs, and nothing that is looked for elsewhere.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The bundles of dist/, which lie beside each other: NAME.cjs starts NAME.main.cjs. */
export const BUNDLES = ['port-reservation', 'port-reservation-host'].flatMap((name) => [`${name}.cjs`, `${name}.main.cjs`]);

/**
 * @param bin path of the folder
 * @param koffi the folders of koffi's binaries by the names of their packages
 * @param node path of node.exe; null to leave it out
 */
export function copyPrograms(root, bin, koffi, node) {
  mkdirSync(bin, { recursive: true });
  for (const name of BUNDLES) cpSync(join(root, 'dist', name), join(bin, name));
  for (const [name, folder] of Object.entries(koffi)) copyKoffi(name, folder, bin);
  if (node !== null) cpSync(node, join(bin, 'node.exe'));
}

/** A binary of koffi, to where src/win32/koffi.ts finds it. What else its package has is for other ways of loading it. */
export function copyKoffi(name, folder, bin) {
  cpSync(folder, join(bin, 'node_modules', name), { recursive: true, filter: (entry) => !/\.(lib|exp|md|js|json)$/.test(entry) });
}
