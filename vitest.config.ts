import { defineConfig } from 'vitest/config';

/** Tests of flows, which must hold on every generation of the platform's tools. */
const flows = [
  'cards',
  'clips',
  'confirm',
  'delivery',
  'everyFlow',
  'faults',
  'image',
  'lateFiles',
  'line',
  'lists',
  'lost',
  'menus',
  'money',
  'onward',
  'presses',
  'refusals',
  'restart',
  'retyping',
  'running',
  'sound',
  'upload',
];

const shared = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // On a machine that is busy with something else, a test may wait in vain once; the summary names those that did.
  retry: process.env.CI ? 1 : 0,
};

export default defineConfig({
  test: {
    globalSetup: 'test/compile.ts',
    maxWorkers: 3,
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
