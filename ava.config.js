// The TAP writer of AVA 7 takes every error for the copy of one that a test threw. It dies of the one that it makes itself for
// tests that hang, and nobody learns which they are.
Object.defineProperty(Error.prototype, 'originalError', { configurable: true, get() { return this; } });

const LONGEST = ['powershell.test.ts', 'release.test.ts', 'gallery.test.ts', 'oracle.test.ts', 'programs.test.ts', 'errors.test.ts'];
const placeOf = (file) => {
  const place = LONGEST.findIndex((name) => file.endsWith(name));
  return place < 0 ? LONGEST.length : place;
};

export default {
  files: ['test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./test/register.mjs'],
  // Native state is per process: every test file has a process of its own.
  workerThreads: false,
  // Without the end of any test: a busy machine takes minutes for the longest.
  timeout: '5m',
  // The longest ones first, so that none of them is left over at the end: the cmdlets in their one PowerShell, what makes packages, and what starts most processes.
  sortTestFiles: (one, other) => placeOf(one) - placeOf(other) || one.localeCompare(other),
};
