import type { Native } from '../../src/native.js';

/** Counts the calls of the DLLs, by name, in `counts`. A run of netsh is counted as `netsh`, because its output is decoded once. */
export function countCalls(native: Native): { counts: Map<string, number>; total(): number; reset(): void } {
  const counts = new Map<string, number>();
  const libraries = [native.iphlpapi, native.ws2_32, native.computenetwork, native.endpointTables, native.processes, native.services, native.kernel32];
  for (const library of libraries as unknown as Record<string, unknown>[]) {
    for (const [name, original] of Object.entries(library)) {
      if (typeof original !== 'function') continue;
      library[name] = (...args: unknown[]): unknown => {
        const key = name === 'decodeOem' ? 'netsh' : name;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return (original as (...all: unknown[]) => unknown)(...args);
      };
    }
  }
  return { counts, total: () => [...counts.values()].reduce((sum, count) => sum + count, 0), reset: () => counts.clear() };
}
