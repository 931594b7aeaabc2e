export declare const BUNDLES: readonly string[];
export declare const LAUNCHERS: readonly string[];
export declare function copyPrograms(root: string, bin: string, koffi: Readonly<Record<string, string>>, node: string | null): void;
