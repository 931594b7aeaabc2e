import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import test from 'ava';
import { load } from 'js-yaml';
import { isImage } from '../../scripts/package/authenticode.mjs';
import { BUNDLES, LAUNCHERS } from '../../scripts/package/programs.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { contentsOf, contentsOfZip, makeRelease } from '../helpers/release.js';

interface Metafile {
  readonly outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** All that a release has, but for node.exe. */
const release = makeRelease();
test.after.always(() => release.dispose());
const files = contentsOf(release.module);
const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;
const artefacts = readdirSync(release.folder);
const installer = `PortReservation-${version}-x64.msi`;
if (release.lacking !== '') console.error(`\nSKIPPED: ${release.lacking}\n`);
const msiTest = release.lacking === '' ? test : test.skip;
const text = (name: string) => readFileSync(join(release.folder, name), 'utf8');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('two runs, in time zones a day apart, give the same bytes', async (t) => {
  const again = makeRelease('Pacific/Auckland');
  t.teardown(() => again.dispose());
  const [first, second] = [contentsOf(release.folder), contentsOf(again.folder)];
  t.deepEqual([...second.keys()], [...first.keys()]);
  t.true(first.size > files.size);
  t.deepEqual([...first].filter(([name, bytes]) => !second.get(name)?.equals(bytes)).map(([name]) => name), []);
});

test('no file of the module is for another system', (t) => {
  const native = [...files].filter(([name]) => /\.(node|exe|dll|so|dylib)$/.test(name));
  t.deepEqual(native.map(([name]) => /(win32[_-]\w+)\/[^/]+$/.exec(name)?.[1]).sort(), ['win32_arm64', 'win32_x64']);
  for (const [name, bytes] of native) t.true(isImage(bytes), name);
  const foreign = [...files].filter(([, bytes]) => ['7f454c46', 'cffaedfe', 'cafebabe'].includes(bytes.toString('hex', 0, 4)));
  t.deepEqual(foreign.map(([name]) => name), []);
});

test('the zip has the files of the module', async (t) => {
  const packed = await contentsOfZip(join(release.folder, `PortReservation-${version}-NoNode.zip`));
  t.deepEqual([...packed.keys()].sort(), [...files.keys()].map((name) => `PortReservation/${version}/${name}`).sort());
  for (const [name, bytes] of files) t.true(packed.get(`PortReservation/${version}/${name}`)?.equals(bytes), name);
});

test('the package for the Gallery has the files of the module, each of a type that it declares', async (t) => {
  const packed = await contentsOfZip(join(release.folder, `PortReservation.${version}.nupkg`));
  const own = ['[Content_Types].xml', '_rels/.rels', 'PortReservation.nuspec'];
  t.deepEqual([...packed.keys()].sort(), [...own, ...files.keys()].sort());
  for (const [name, bytes] of files) t.true(packed.get(name)?.equals(bytes), name);
  const types = String(packed.get('[Content_Types].xml'));
  for (const name of [...packed.keys()].filter((candidate) => candidate !== '[Content_Types].xml')) {
    const ending = /\.([^./]+)$/.exec(name)?.[1];
    t.true(types.includes(ending === undefined ? `PartName="/${name}"` : `Extension="${ending}"`), name);
  }
});

msiTest('the installer has the files of the module', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-msi-'));
  t.teardown(() => removeFolder(folder));
  const { status, error, stderr } = spawnSync('msiextract', ['-C', folder, join(release.folder, installer)], { encoding: 'utf8' });
  if (error) return t.log('SKIPPED: msiextract is not installed (Debian: apt-get install msitools)');
  t.is(status, 0, stderr);
  const packed = contentsOf(join(folder, 'PFiles', 'WindowsPowerShell', 'Modules', 'PortReservation', version));
  t.deepEqual([...packed.keys()], [...files.keys()]);
  for (const [name, bytes] of files) t.true(packed.get(name)?.equals(bytes), name);
});

test('SHA256SUMS has every file that is offered, and is right', (t) => {
  const lines = text('SHA256SUMS').trim().split('\n').map((line) => line.split('  '));
  const offered = artefacts.filter((name) => /\.(zip|nupkg|msi|json)$/.test(name)).sort();
  t.deepEqual(lines.map(([, name]) => name).sort(), offered);
  for (const [hash, name = ''] of lines) t.is(hash, sha256(readFileSync(join(release.folder, name))), name);
});

test('the bill of materials is valid by the schema, and has what the notices have', async (t) => {
  const content = String(files.get('sbom.cdx.json'));
  t.is(text(`PortReservation-${version}.cdx.json`), content);
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  t.is(await validator.validate(content), null);
  t.not(await validator.validate(content.replace('"specVersion"', '"specVersions"')), null, 'it finds a planted fault');
  const { components } = JSON.parse(content) as { components: { name: string; version: string; hashes?: unknown[] }[] };
  const notices = [...String(files.get('THIRD-PARTY-NOTICES.txt')).matchAll(/^(.+)\n=+\n/gm)].map(([, title]) => title);
  t.deepEqual(components.map((entry) => `${entry.name} ${entry.version}`).sort(), [...notices].sort());
  t.true(components.every(({ hashes = [] }) => hashes.length === 1));
  // What the bundler read, and has left something of in a bundle.
  const outputs = BUNDLES.flatMap((name) => Object.values((JSON.parse(readFileSync(join('build', 'metafiles', `${name}.json`), 'utf8')) as Metafile).outputs));
  const inBundle = outputs.flatMap(({ inputs }) => Object.entries(inputs)).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([name]) => /^(?:\S*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? []);
  t.true(inBundle.length > 0);
  t.deepEqual([...new Set([...inBundle, 'koffi'])].sort(), [...new Set(components.map(({ name }) => name))].sort());
});

test('components.json has every program file of the module with its hash', (t) => {
  const { files: listed } = JSON.parse(String(files.get('components.json'))) as { files: Record<string, { sha256: string; authenticodeSha256?: string }> };
  const programs = [...files].filter(([name]) => name.startsWith('bin/') && /\.(exe|node|c?js)$/.test(name));
  t.deepEqual([...LAUNCHERS, ...readdirSync('dsc')].filter((name) => files.has(name)), [], 'without node.exe they could start nothing');
  t.deepEqual(Object.keys(listed).sort(), programs.map(([name]) => name).sort());
  for (const [name, bytes] of programs) {
    t.is(listed[name]?.sha256, sha256(bytes), name);
    t.is(listed[name]?.authenticodeSha256 !== undefined, isImage(bytes), name);
  }
});

test('Scoop finds the zip', (t) => {
  const { architecture: { '64bit': { url, hash } }, extract_dir: folder } = JSON.parse(text('scoop/port-reservation.json')) as
    { architecture: { '64bit': { url: string; hash: string } }; extract_dir: string };
  t.is(hash, sha256(readFileSync(join(release.folder, url.split('/').at(-1) ?? ''))));
  t.is(folder, `PortReservation/${version}`);
});

msiTest('winget and Chocolatey find the installer, and winget knows its product', async (t) => {
  const hash = sha256(readFileSync(join(release.folder, installer)));
  const manifests = readdirSync(join(release.folder, 'winget')).map((name) => load(text(`winget/${name}`)) as Record<string, unknown>);
  t.deepEqual(manifests.map((manifest) => manifest['ManifestType']).sort(), ['defaultLocale', 'installer', 'version']);
  for (const manifest of manifests) t.like(manifest, { PackageIdentifier: 'PortReservation.PortReservation', PackageVersion: version });
  const { ProductCode, Installers: [{ InstallerUrl, InstallerSha256 }] } = manifests.find((manifest) => manifest['ManifestType'] === 'installer') as
    { ProductCode: string; Installers: [{ InstallerUrl: string; InstallerSha256: string }] };
  t.true(InstallerUrl.endsWith(`/v${version}/${installer}`));
  t.is(InstallerSha256.toLowerCase(), hash);
  const { stdout, error } = spawnSync('msiinfo', ['export', join(release.folder, installer), 'Property'], { encoding: 'utf8' });
  if (!error) t.true(stdout.includes(`ProductCode\t${ProductCode}`), stdout);
  const packed = await contentsOfZip(join(release.folder, `port-reservation.${version}.nupkg`));
  const script = String(packed.get('tools/chocolateyinstall.ps1'));
  t.true(script.includes(InstallerUrl) && script.includes(hash), script);
});

test('the tag of this version has release notes, and another tag is refused', (t) => {
  const notes = (tag: string) => spawnSync(process.execPath, ['scripts/release-notes.mjs', tag], { encoding: 'utf8' });
  t.regex(notes(`v${version}`).stdout, /### Added/);
  t.like(notes('v9.9.9'), { status: 1, stdout: '', stderr: `the tag v9.9.9 is not v${version}, the version of package.json\n` });
});
