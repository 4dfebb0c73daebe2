import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const shared = {
  // Nothing of ours keeps state in a module, and to read the libraries anew for each file takes longer than its tests.
  isolate: false,
  execArgv: ['--max-semi-space-size=64'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // On a machine that is busy with something else, a test may wait in vain once; the summary names those that did.
  retry: process.env.CI ? 1 : 0,
};

export default defineConfig({
  test: {
    globalSetup: 'test/compile.ts',
    // A test mostly waits for timers and sockets, so that three a processor keep it busy.
    maxWorkers: 3 * availableParallelism(),
    // No more than these: workers are not shared, and each reads all libraries anew.
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/unit/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'wire',
          include: ['test/**/*.test.ts'],
          exclude: ['test/production/**', 'test/stores/**', 'test/unit/**'],
        },
      },
    ],
  },
});
