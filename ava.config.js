export default {
  files: ['test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./test/register.mjs'],
  // Native state is per process: every test file has a process of its own.
  workerThreads: false,
  timeout: '120s',
};
