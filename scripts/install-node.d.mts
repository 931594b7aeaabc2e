export const oldVersions: readonly string[];
export function installNode(version: string): string;
