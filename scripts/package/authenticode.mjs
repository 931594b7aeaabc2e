// The hash by which Windows knows a program or DLL (Application Control, signatures, catalogs): that of its image, without what
// a signature changes in it. https://learn.microsoft.com/windows/win32/debug/pe-format#the-attribute-certificate-table
import { createHash } from 'node:crypto';

const PE32_PLUS = 0x20b;
const CERTIFICATE_TABLE = 4;

/** Whether the file has an image that Windows loads. */
export function isImage(bytes) {
  return bytes.length > 0x40 && bytes.toString('latin1', 0, 2) === 'MZ' && bytes.toString('latin1', headerOf(bytes), headerOf(bytes) + 4) === 'PE\0\0';
}

/** Whether a signature is embedded in the image. */
export function isSigned(bytes) {
  return certificatesOf(bytes).size > 0;
}

/** The SHA-256 of an image, in hexadecimal digits. A signature leaves it as it is. */
export function authenticodeSha256(bytes) {
  const checksum = optionalHeaderOf(bytes) + 64;
  const { entry, start, size } = certificatesOf(bytes);
  const hash = createHash('sha256')
    .update(bytes.subarray(0, checksum))
    .update(bytes.subarray(checksum + 4, entry))
    .update(bytes.subarray(entry + 8, size > 0 ? start : bytes.length));
  // A signature is put behind whole eights of bytes, so an image without one is counted as if filled up to them.
  if (size === 0) hash.update(Buffer.alloc((8 - bytes.length % 8) % 8));
  return hash.digest('hex');
}

function headerOf(bytes) {
  return bytes.readUInt32LE(0x3c);
}

function optionalHeaderOf(bytes) {
  return headerOf(bytes) + 24;
}

/** Where the directory names the certificates, and where they are: at the end of the file. */
function certificatesOf(bytes) {
  const header = optionalHeaderOf(bytes);
  const entry = header + (bytes.readUInt16LE(header) === PE32_PLUS ? 112 : 96) + CERTIFICATE_TABLE * 8;
  return { entry, start: bytes.readUInt32LE(entry), size: bytes.readUInt32LE(entry + 4) };
}
