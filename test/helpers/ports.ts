/**
 * The simulator's sockets are real, so test files that run at once must not share ports: each area has a thousand,
 * below the range that systems hand out by themselves.
 */
export const PORTS = { contract: 20_000, library: 21_000, host: 22_000, cli: 23_000, examples: 24_000, demo: 25_000 } as const;
