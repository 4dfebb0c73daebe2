import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Tests of what the bot asks for and reads; they must hold on every generation of the platform's tools. What Discord shows,
 * and how flows take their turns, does not depend on it.
 */
const flows = [
  'cards',
  'clips',
  'everyFlow',
  'image',
  'lateFiles',
  'lost',
  'money',
  'onward',
  'running',
  'sound',
  'upload',
];

const shared = {
  // Nothing of ours keeps state in a module, and to read the libraries anew for each file takes longer than its tests.
  isolate: false,
  execArgv: ['--max-semi-space-size=32'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // On a machine that is busy with something else, a test may wait in vain once; the summary names those that did.
  retry: process.env.CI ? 1 : 0,
};

export default defineConfig({
  test: {
    globalSetup: 'test/compile.ts',
    // A test mostly waits for timers and sockets, so that two a processor keep it busy.
    maxWorkers: 2 * availableParallelism(),
    projects: [
      {
        test: {
          ...shared,
          name: 'documented',
          include: ['test/*.test.ts'],
          env: { KUBEEZ_GENERATION: 'documented' },
        },
      },
      {
        test: {
          ...shared,
          name: 'newer',
          include: flows.map((name) => `test/${name}.test.ts`),
          env: { KUBEEZ_GENERATION: 'newer' },
        },
      },
      {
        test: {
          ...shared,
          name: 'mixed',
          include: ['test/everyFlow.test.ts'],
          env: { KUBEEZ_GENERATION: 'mixed' },
        },
      },
    ],
  },
});
