export function addOwnKoffi(root: string, module: string): void;
