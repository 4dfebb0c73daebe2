import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['page', 'processes', 'production', 'image', 'stores'].map((folder) => `test/${folder}/**`),
    globalSetup: 'test/compile.ts',
    // A test mostly waits for timers and sockets, so that two a processor keep it busy; each more reads all code once more.
    maxWorkers: 2 * availableParallelism(),
    // Nothing of ours keeps state in a module, and to read the libraries anew for each file takes longer than its tests.
    isolate: false,
    execArgv: ['--max-semi-space-size=64'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Of what a test looks for again and again; a second is not enough where eight files share two processors.
    expect: { poll: { timeout: 20_000 } },
    // On a machine that is busy with something else, a test may wait in vain once; the summary names those that did.
    retry: process.env.CI ? 1 : 0,
  },
});
