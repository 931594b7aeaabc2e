// The package for Windows Installer: per machine, without questions. wixl (Debian: wixl, msitools) makes it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'xmlbuilder2';
import { removeFolder } from '../remove-folder.mjs';
import { setSummary } from './msi-summary.mjs';
import { guidOf } from './uuid.mjs';

/** The same in all versions: by it Windows Installer knows what an upgrade replaces. */
const UPGRADE_CODE = guidOf('msi upgrade');
const TIME = new Date(Date.UTC(1980, 0, 2));

/** Why it cannot be made here; null where it can. */
export function whyNoInstaller() {
  const missing = ['wixl', 'msibuild'].filter((program) => spawnSync(program, ['--help'], { stdio: 'ignore' }).error);
  return missing.length > 0 ? `${missing.join(' and ')} not installed (Debian: apt-get install wixl msitools)` : null;
}

/** Each version is a product of its own. */
export function productCodeOf(version) {
  return guidOf(`msi product ${version}`);
}

/**
 * @param manifest as readModuleManifest() gives it
 * @param folder of the module; the times of its files are set, because the archive in the installer has them
 * @param files below it, as filesBelow() gives them
 */
export async function makeInstaller(manifest, folder, files, output) {
  const temporary = mkdtempSync(join(tmpdir(), 'port-reservation-msi-'));
  try {
    for (const { file } of files) utimesSync(file, TIME, TIME);
    const source = join(temporary, 'package.wxs');
    const made = join(temporary, 'package.msi');
    writeFileSync(source, wixSource(manifest, files.map(({ name }) => name)));
    run('wixl', ['--arch', 'x64', '--output', made, source], folder);
    addToPath(made, manifest.version, temporary);
    const contents = createHash('sha256');
    for (const { name, file } of files) contents.update(name).update('\0').update(createHash('sha256').update(readFileSync(file)).digest());
    writeFileSync(made, setSummary(readFileSync(made), { packageCode: guidOf(`msi package ${contents.digest('hex')}`), time: TIME }));
    // Not renamed: the temporary folder may be on another disk.
    copyFileSync(made, output);
  } finally {
    await removeFolder(temporary);
  }
}

/** Puts the module's folder, with the commands in it, on the PATH of the machine. wixl knows no element for that. */
function addToPath(msi, version, temporary) {
  const table = join(temporary, 'Environment.idt');
  // `=-*`: set and, when it is uninstalled, taken away, for the machine; [~] is what was there.
  const row = ['Path', '=-*PATH', `[~];[${idOf('D', version)}]`, idOf('C', `${version}/PortReservation.psd1`)];
  writeFileSync(table, [['Environment', 'Name', 'Value', 'Component_'], ['s72', 'l255', 'L255', 's72'], ['Environment', 'Environment'], row]
    .map((cells) => `${cells.join('\t')}\r\n`).join(''));
  const action = (name, sequence) => ['-q', `INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('${name}', ${sequence})`];
  run('msibuild', [msi, '-i', table, ...action('RemoveEnvironmentStrings', 3300), ...action('WriteEnvironmentStrings', 5200)], temporary);
}

function run(program, args, cwd) {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C.UTF-8' } });
  if (status !== 0 || stderr !== '') throw new Error(`${program} ended with ${status}: ${stderr}`);
}

/** Below Program Files, where both PowerShells find modules and only administrators can write. */
function wixSource({ id, version, authors, description, projectUrl }, names) {
  const components = [];
  const tree = folderOf(names, version, components);
  const folder = (name, inside) => ({ '@Id': idOf('D', name), '@Name': name, ...inside });
  // Of this product alone is the folder above the versions: it goes with the last of them.
  const above = { '@Id': idOf('C', id), '@Guid': guidOf('msi component folder'), '@Win64': 'yes',
    CreateFolder: {}, RemoveFolder: { '@Id': idOf('R', id), '@On': 'uninstall' } };
  components.push(above['@Id']);
  return create({ version: '1.0', encoding: 'utf-8' }, { Wix: {
    '@xmlns': 'http://schemas.microsoft.com/wix/2006/wi',
    Product: {
      '@Id': productCodeOf(version), '@Name': id, '@Language': '1033', '@Version': version, '@Manufacturer': authors, '@UpgradeCode': UPGRADE_CODE,
      Package: { '@InstallerVersion': '500', '@Compressed': 'yes', '@InstallScope': 'perMachine', '@Description': description },
      MajorUpgrade: { '@DowngradeErrorMessage': `A newer version of ${id} is installed.` },
      Condition: { '@Message': `${id} needs a 64-bit Windows 10 1809, Server 2019, or later.`, '#': 'Installed OR (VersionNT64 AND VersionNT >= 603)' },
      Media: { '@Id': '1', '@Cabinet': 'module.cab', '@EmbedCab': 'yes' },
      Property: [{ '@Id': 'ARPNOMODIFY', '@Value': '1' }, { '@Id': 'ARPURLINFOABOUT', '@Value': projectUrl }],
      Directory: { '@Id': 'TARGETDIR', '@Name': 'SourceDir', Directory: { '@Id': 'ProgramFiles64Folder', '@Name': 'PFiles',
        Directory: folder('WindowsPowerShell', { Directory: folder('Modules', { Directory: folder(id, { Component: above, Directory: folder(version, tree) }) }) }) } },
      Feature: { '@Id': 'Module', '@Level': '1', ComponentRef: components.map((component) => ({ '@Id': component })) },
    },
  } }).end({ prettyPrint: true });
}

/** A component for each file, and a folder for each folder. */
function folderOf(names, path, components) {
  const own = names.filter((name) => !name.includes('/'));
  const below = new Map();
  for (const name of names.filter((candidate) => candidate.includes('/'))) {
    const [first] = name.split('/', 1);
    below.set(first, [...below.get(first) ?? [], name.slice(first.length + 1)]);
  }
  const source = (name) => `${path}/${name}`;
  return {
    Component: own.map((name) => {
      const component = idOf('C', source(name));
      components.push(component);
      return { '@Id': component, '@Guid': guidOf(`msi component ${source(name)}`), '@Win64': 'yes',
        File: { '@Id': idOf('F', source(name)), '@Name': name, '@Source': source(name).slice(source(name).indexOf('/') + 1), '@KeyPath': 'yes' } };
    }),
    Directory: [...below].map(([name, inside]) => ({ '@Id': idOf('D', source(name)), '@Name': name, ...folderOf(inside, source(name), components) })),
  };
}

/** Identifiers have letters and digits alone. */
function idOf(kind, name) {
  return `${kind}${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
}
