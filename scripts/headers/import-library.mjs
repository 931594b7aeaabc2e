import { readFileSync } from 'node:fs';

const MAGIC = '!<arch>\n';
const MEMBER_HEADER = 60;
/** How an import is found in its DLL (IMPORT_OBJECT_TYPE, IMPORT_OBJECT_NAME_TYPE of winnt.h). */
const BY_ORDINAL = 0;
const EXPORT_AS = 4;

/**
 * The imports of an import library: an archive, in which each import is a "short import object".
 * Source: "PE Format", https://learn.microsoft.com/windows/win32/debug/pe-format#import-library-format
 *
 * @param machine the processor whose imports are wanted: a library for arm64 has those of ARM64EC too
 * @returns a map of names to { dll, ordinal }: the DLL in lower case; the ordinal is null where the name is looked up
 */
export function readImportLibrary(file, machine) {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error(`${file} is not an archive`);
  const imports = new Map();
  for (let at = MAGIC.length; at + MEMBER_HEADER <= bytes.length;) {
    const size = Number(bytes.toString('latin1', at + 48, at + 58));
    const member = bytes.subarray(at + MEMBER_HEADER, at + MEMBER_HEADER + size);
    const found = readShortImport(member, machine);
    if (found !== null) imports.set(found.name, { dll: found.dll, ordinal: found.ordinal });
    // A member begins at an even offset.
    at += MEMBER_HEADER + size + size % 2;
  }
  return imports;
}

/** IMPORT_OBJECT_HEADER and the names behind it; null for a member of another sort, or for another processor. */
function readShortImport(member, machine) {
  if (member.length < 20 || member.readUInt16LE(0) !== 0 || member.readUInt16LE(2) !== 0xffff || member.readUInt16LE(6) !== machine) return null;
  const type = member.readUInt16LE(18) >> 2 & 7;
  const [symbol, dll, exported] = member.toString('latin1', 20).split('\0');
  return {
    name: type === EXPORT_AS ? exported : symbol,
    dll: dll.toLowerCase(),
    ordinal: type === BY_ORDINAL ? member.readUInt16LE(16) : null,
  };
}
