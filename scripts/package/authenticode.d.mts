export function authenticodeSha256(bytes: Buffer): string;
export function isImage(bytes: Buffer): boolean;
export function isSigned(bytes: Buffer): boolean;
