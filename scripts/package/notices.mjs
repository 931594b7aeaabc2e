// Licences of what the package contains beside the project's own code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licenceTextOf } from './contained.mjs';

/** The text of THIRD-PARTY-NOTICES.txt. @param nodeVersion null where node.exe is left out */
export function thirdPartyNotices(root, packages, nodeVersion) {
  const sections = packages.map((entry) => section(`${entry.name} ${entry.version}`, licenceTextOf(entry) ?? `Licence: ${entry.license}`));
  if (nodeVersion !== null) {
    const file = join(root, 'scripts', 'package', 'LICENSE-node.txt');
    sections.push(section(`Node.js ${nodeVersion}`, readFileSync(file, 'utf8')));
  }
  return `PortReservation contains the following third-party software.\n\n${sections.join('\n')}`;
}

function section(title, text) {
  const line = '='.repeat(title.length);
  return `${title}\n${line}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}
