// What other formats say of the module, read from its manifest, so that it stands in one place.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns { id, version, authors, description, tags, commandTags, licenseUrl, projectUrl, releaseNotes, copyright } */
export function readModuleManifest(root) {
  const source = readFileSync(join(root, 'PortReservation.psd1'), 'utf8');
  const text = (key) => found(new RegExp(`^\\s*${key}\\s*=\\s*'((?:[^']|'')*)'`, 'm').exec(source), key)[1].replaceAll('\'\'', '\'');
  const list = (key) => [...found(new RegExp(`^\\s*${key}\\s*=\\s*@\\(([^)]*)\\)`, 'm').exec(source), key)[1].matchAll(/'([^']*)'/g)].map(([, item]) => item);
  return {
    id: 'PortReservation', version: text('ModuleVersion'), authors: text('Author'), description: text('Description'), copyright: text('Copyright'),
    tags: list('Tags'), commandTags: ['PSIncludes_Function', ...list('FunctionsToExport').flatMap((name) => [`PSCommand_${name}`, `PSFunction_${name}`]),
      'PSIncludes_DscResource', ...list('DscResourcesToExport').map((name) => `PSDscResource_${name}`)],
    licenseUrl: text('LicenseUri'), projectUrl: text('ProjectUri'), releaseNotes: text('ReleaseNotes'),
  };
}

function found(match, key) {
  if (match === null) throw new Error(`PortReservation.psd1 has no ${key} that could be read`);
  return match;
}
