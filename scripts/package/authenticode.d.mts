export function isImage(bytes: Buffer): boolean;
