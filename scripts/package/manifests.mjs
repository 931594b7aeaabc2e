// What winget, Scoop and Chocolatey read: where a release is downloaded from, and the hash it must have.
import { dump } from 'js-yaml';
import { productCodeOf } from './msi.mjs';

const WINGET_SCHEMA = '1.6.0';
const NAME = 'port-reservation';

/** Three files, as the repository of winget wants them: { name, text } each. */
export function wingetManifests(manifest, installer) {
  const id = `${manifest.id}.${manifest.id}`;
  const file = (suffix, type, content) => ({
    name: `${id}${suffix}.yaml`,
    text: `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${type}.${WINGET_SCHEMA}.schema.json\n${
      dump({ PackageIdentifier: id, PackageVersion: manifest.version, ...content, ManifestType: type, ManifestVersion: WINGET_SCHEMA }, { lineWidth: -1 })}`,
  });
  return [
    file('', 'version', { DefaultLocale: 'en-US' }),
    file('.installer', 'installer', {
      MinimumOSVersion: '10.0.17763.0', InstallerType: 'wix', Scope: 'machine', UpgradeBehavior: 'install', ElevationRequirement: 'elevationRequired',
      ProductCode: productCodeOf(manifest.version),
      Commands: [NAME],
      Installers: [{ Architecture: 'x64', InstallerUrl: installer.url, InstallerSha256: installer.sha256.toUpperCase() }],
    }),
    file('.locale.en-US', 'defaultLocale', {
      PackageLocale: 'en-US', Publisher: manifest.authors, PublisherUrl: manifest.projectUrl, PackageName: manifest.id, PackageUrl: manifest.projectUrl,
      License: 'MIT', LicenseUrl: manifest.licenseUrl, ShortDescription: manifest.description, Moniker: NAME, ReleaseNotesUrl: manifest.releaseNotes,
      Tags: manifest.tags.filter((tag) => !tag.startsWith('PSEdition_')).map((tag) => tag.toLowerCase()),
    }),
  ];
}

/** One file. */
export function scoopManifest(manifest, zip) {
  return { name: `${NAME}.json`, text: `${JSON.stringify({
    version: manifest.version, description: manifest.description, homepage: manifest.projectUrl, license: 'MIT',
    notes: [
      'Scoop installs into folders that unelevated programs can write to: do not import this module in an elevated console.',
      'For persistent reservations install the MSI, or by Install-PSResource -Scope AllUsers.',
    ],
    architecture: { '64bit': { url: zip.url, hash: zip.sha256 } },
    extract_dir: `${manifest.id}/${manifest.version}`,
    psmodule: { name: manifest.id },
    checkver: { github: manifest.projectUrl },
    autoupdate: {
      architecture: { '64bit': { url: zip.url.replaceAll(manifest.version, '$version') } },
      extract_dir: `${manifest.id}/$version`,
      hash: { url: '$baseurl/SHA256SUMS' },
    },
  }, null, 4)}\n` };
}

/** The package: its manifest, and the files beside it. It downloads the installer, so it holds no program. */
export function chocolateyPackage(manifest, installer) {
  const quote = (text) => `'${text.replaceAll('\'', '\'\'')}'`;
  return {
    metadata: {
      id: NAME, version: manifest.version, title: manifest.id, authors: manifest.authors, projectUrl: manifest.projectUrl, packageSourceUrl: manifest.projectUrl,
      licenseUrl: manifest.licenseUrl, requireLicenseAcceptance: 'false', summary: manifest.description, description: manifest.description,
      releaseNotes: manifest.releaseNotes, copyright: manifest.copyright, tags: [NAME, 'windows', 'network', 'admin'].join(' '),
    },
    // Windows Installer knows how to uninstall it, and Chocolatey asks it by itself.
    files: [{ name: 'tools/chocolateyinstall.ps1', text: [
      '$ErrorActionPreference = \'Stop\'',
      '$package = @{',
      '    PackageName    = $env:ChocolateyPackageName',
      '    FileType       = \'msi\'',
      `    Url64bit       = ${quote(installer.url)}`,
      `    Checksum64     = ${quote(installer.sha256)}`,
      '    ChecksumType64 = \'sha256\'',
      '    SilentArgs     = \'/qn /norestart\'',
      '    ValidExitCodes = @(0, 3010, 1641)',
      '}',
      'Install-ChocolateyPackage @package',
      '',
    ].join('\r\n') }],
  };
}
