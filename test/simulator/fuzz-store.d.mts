/** Tries damaged and crafted stores on the simulator under ASan and UBSan, and gives how many were refused, opened, and damaged while open. */
export function fuzzStores(options: { runs: number; seed: number; path?: string | undefined }): Promise<Record<string, number>>;
