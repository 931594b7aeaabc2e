// The package for the PowerShell Gallery.
import { makeNupkg } from './nupkg.mjs';

/** @param manifest as readModuleManifest() gives it; @param files of the module, as filesBelow() gives them */
export async function makeGalleryPackage({ tags, commandTags, releaseNotes, licenseUrl, projectUrl, ...manifest }, files, archive) {
  const { id, version, authors, description, copyright } = manifest;
  await makeNupkg({
    id, version, authors, owners: authors, requireLicenseAcceptance: 'false', licenseUrl, projectUrl, description, releaseNotes, copyright, tags: ['PSModule', ...commandTags, ...tags].join(' '),
  }, files, archive);
}
