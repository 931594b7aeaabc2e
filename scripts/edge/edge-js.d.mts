export class NotInstalled extends Error {}
export const edgeJsVersion: string;
export function installEdgeJs(platform?: 'linux' | 'win32'): string;
