// Packages as NuGet has them, which the PowerShell Gallery and Chocolatey take: a zip with a manifest, and a list of content types.
import { extname } from 'node:path';
import { create } from 'xmlbuilder2';
import { zipFiles } from './zip.mjs';

const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const NUSPEC = 'http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd';

/**
 * @param metadata elements of the manifest by name, `id` and `version` among them
 * @param files { name, file } or { name, text } each
 */
export async function makeNupkg(metadata, files, archive) {
  const nuspec = `${metadata.id}.nuspec`;
  const entries = [{ name: '_rels/.rels', text: relationships(nuspec) }, { name: nuspec, text: nuspecOf(metadata) }, ...files];
  await zipFiles([{ name: '[Content_Types].xml', text: contentTypes(entries.map(({ name }) => name)) }, ...entries], archive);
}

/** The manifest alone. */
function nuspecOf(metadata) {
  return xml({ package: { '@xmlns': NUSPEC, metadata } });
}

function relationships(nuspec) {
  return xml({ Relationships: { '@xmlns': RELATIONSHIPS, Relationship: { '@Type': 'http://schemas.microsoft.com/packaging/2010/07/manifest', '@Target': `/${nuspec}`, '@Id': 'R0' } } });
}

/** Each file needs a type: by its ending, or by its name where it has none. */
function contentTypes(names) {
  const endings = [...new Set(names.map((name) => extname(name).slice(1)))].filter(Boolean).sort();
  const type = (ending) => (ending === 'rels' ? 'application/vnd.openxmlformats-package.relationships+xml' : 'application/octet-stream');
  return xml({ Types: {
    '@xmlns': TYPES,
    // A name that begins with its only dot has an ending all the same.
    Default: ['rels', ...endings.filter((ending) => ending !== 'rels')].map((ending) => ({ '@Extension': ending, '@ContentType': type(ending) })),
    Override: names.filter((name) => extname(name) === '' && !name.endsWith('.rels')).map((name) => ({ '@PartName': `/${name}`, '@ContentType': type('') })),
  } });
}

function xml(document) {
  return `${create({ version: '1.0', encoding: 'utf-8' }, document).end({ prettyPrint: true })}\n`;
}
