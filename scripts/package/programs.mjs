// The folder bin/ of the module, what runs and nothing that is looked for elsewhere, and the commands that start it.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The bundles of dist/, which lie beside each other: NAME.cjs starts NAME.main.cjs. */
export const BUNDLES = ['port-reservation', 'port-reservation-host'].flatMap((name) => [`${name}.cjs`, `${name}.main.cjs`]);

/** In the module's folder: the command line with the package's own node.exe, for cmd.exe and for PowerShell. */
export const LAUNCHERS = ['port-reservation.cmd', 'port-reservation.ps1'];

/**
 * @param bin path of the folder
 * @param koffi the folders of koffi's binaries by the names of their packages
 * @param node path of node.exe; null to leave it out
 */
export function copyPrograms(root, bin, koffi, node) {
  mkdirSync(bin, { recursive: true });
  for (const name of BUNDLES) cpSync(join(root, 'dist', name), join(bin, name));
  for (const [name, folder] of Object.entries(koffi)) copyKoffi(name, folder, bin);
  if (node === null) return;
  cpSync(node, join(bin, 'node.exe'));
  // Above it, so that who puts the commands on PATH does not put this node.exe there.
  for (const name of LAUNCHERS) cpSync(join(root, 'scripts', 'package', 'launchers', name), join(bin, '..', name));
}

/** A binary of koffi, to where src/win32/koffi.ts finds it. What else its package has is for other ways of loading it. */
export function copyKoffi(name, folder, bin) {
  cpSync(folder, join(bin, 'node_modules', name), { recursive: true, filter: (entry) => !/\.(lib|exp|md|js|json)$/.test(entry) });
}
