import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { addOwnKoffi } from '../../scripts/package/module.mjs';
import { copyPrograms } from '../../scripts/package/programs.mjs';
import { ROOT } from './tarball.js';

/** The packaged command and its programs in the folder `module`; bin/node is the Node.js of this test. */
export function layOutCommand(module: string): string {
  const bin = join(module, 'bin');
  copyPrograms(ROOT, bin, {}, null);
  addOwnKoffi(ROOT, module);
  if (process.platform === 'win32') cpSync(process.execPath, join(bin, 'node.exe'));
  else symlinkSync(process.execPath, join(bin, 'node'));
  cpSync(join(ROOT, 'scripts', 'package', 'launchers'), module, { recursive: true });
  return module;
}
