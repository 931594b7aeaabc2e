// node scripts/release-notes.mjs v1.2.3: what CHANGELOG says of this version, if the tag, package.json and the module's manifest agree on it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readModuleManifest } from './package/module-manifest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [tag] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const { version: module } = readModuleManifest(root);
if (module !== version) fail(`package.json is of version ${version}, PortReservation.psd1 of ${module}`);
if (tag !== `v${version}`) fail(`the tag ${tag} is not v${version}, the version of package.json`);

const sections = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8').split(/^(?=## )/m);
const own = sections.find((section) => section.startsWith(`## [${version}] - `));
if (!own) fail(`CHANGELOG.md has no section "## [${version}] - <date>"`);
console.log(own.replace(/^.*\n+/, '').replace(/^\[[^\]]+\]: .*$/gm, '').trim());

function fail(why) {
  console.error(why);
  process.exit(1);
}
