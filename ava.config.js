// The TAP writer of AVA 7 takes every error for the copy of one that a test threw. It dies of the one that it makes itself for
// tests that hang, and nobody learns which they are.
Object.defineProperty(Error.prototype, 'originalError', { configurable: true, get() { return this; } });

export default {
  files: ['test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./test/register.mjs'],
  // Native state is per process: every test file has a process of its own.
  workerThreads: false,
  timeout: '120s',
};
