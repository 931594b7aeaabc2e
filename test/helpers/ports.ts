/**
 * The simulator's sockets are real, so test files that run at once must not share ports: each area has a thousand,
 * below the range that systems hand out by themselves. Two areas are taken by what does not read this: the examples 01 and
 * 02 search from 25000 upwards, and the cases in test/powershell have 5000-11999, 13000-13999 and 26000-28999.
 */
export const PORTS = { edge: 12_000, reliability: 19_000, contract: 20_000, library: 21_000, host: 22_000, cli: 23_000, examples: 24_000, health: 14_000, package: 29_000, clone: 30_000, many: 15_000, windows: 31_000 } as const;
