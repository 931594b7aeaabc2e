// Licences of what the package contains beside the project's own code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BUNDLED = ['json-rpc-2.0', 'p-limit', 'valibot', 'yocto-queue'];

/** The text of THIRD-PARTY-NOTICES.txt. @param nodeVersion null where node.exe is left out */
export function thirdPartyNotices(root, nodeVersion) {
  const packages = [...BUNDLED, 'koffi'].map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
    return section(`${name} ${version}`, file ? readFileSync(join(folder, file), 'utf8') : `Licence: ${license}`);
  });
  if (nodeVersion !== null) {
    const file = join(root, 'scripts', 'package', 'LICENSE-node.txt');
    packages.push(section(`Node.js ${nodeVersion}`, readFileSync(file, 'utf8')));
  }
  return `PortReservation contains the following third-party software.\n\n${packages.join('\n')}`;
}

function section(title, text) {
  const line = '='.repeat(title.length);
  return `${title}\n${line}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}
