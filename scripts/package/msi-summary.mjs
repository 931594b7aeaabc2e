// The summary of a package for Windows Installer. wixl writes the time and a random number there; this puts in what depends on
// the contents alone. https://learn.microsoft.com/windows/win32/msi/summary-information-stream-property-set

/** FMTID_SummaryInformation, as the stream has it. */
const FORMAT = Buffer.from('e0859ff2f94f6810ab9108002b27b3d9', 'hex');
const [PACKAGE_CODE, CREATED, SAVED] = [9, 12, 13];
const [VT_LPSTR, VT_FILETIME] = [0x1e, 0x40];
const EPOCH = 11_644_473_600_000n;

/** The package with its code and times replaced, which have the same length. */
export function setSummary(msi, { packageCode, time }) {
  const bytes = Buffer.from(msi);
  const format = bytes.indexOf(FORMAT);
  if (format < 0 || bytes.indexOf(FORMAT, format + 1) >= 0) throw new Error('the package has no one summary');
  // The stream begins with 28 bytes, then the format and where its section is.
  const section = format - 28 + bytes.readUInt32LE(format + 16);
  const values = new Map();
  for (let index = 0; index < bytes.readUInt32LE(section + 4); index++) {
    const entry = section + 8 + index * 8;
    values.set(bytes.readUInt32LE(entry), section + bytes.readUInt32LE(entry + 4));
  }
  const place = (property, type, size) => {
    const at = values.get(property);
    if (at === undefined || bytes.readUInt32LE(at) !== type || (size !== undefined && bytes.readUInt32LE(at + 4) !== size)) {
      throw new Error(`the summary of the package has no property ${property} of type ${type}`);
    }
    return at;
  };
  bytes.write(packageCode, place(PACKAGE_CODE, VT_LPSTR, packageCode.length + 1) + 8, 'latin1');
  const ticks = (BigInt(time.getTime()) + EPOCH) * 10_000n;
  for (const property of [CREATED, SAVED]) bytes.writeBigUInt64LE(ticks, place(property, VT_FILETIME) + 4);
  return bytes;
}
