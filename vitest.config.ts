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

// What the bot asks for and reads is tried on every generation of the platform's tools (test/generations), and every kind of
// flow on a mixture of them as well. What Discord shows, and how flows take their turns, does not depend on it.
export default defineConfig({
  test: {
    globalSetup: 'test/compile.ts',
    // A test mostly waits for timers and sockets, so that two a processor keep it busy.
    maxWorkers: 2 * availableParallelism(),
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/unit/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'documented',
          include: ['test/**/*.test.ts'],
          exclude: ['test/production/**', 'test/stores/**', 'test/unit/**'],
          env: { KUBEEZ_GENERATION: 'documented' },
        },
      },
      {
        test: {
          ...shared,
          name: 'newer',
          include: ['test/generations/**/*.test.ts'],
          env: { KUBEEZ_GENERATION: 'newer' },
        },
      },
      {
        test: {
          ...shared,
          name: 'mixed',
          include: ['test/generations/mixed/*.test.ts'],
          env: { KUBEEZ_GENERATION: 'mixed' },
        },
      },
    ],
  },
});
