import { defineConfig } from 'vitest/config';

/** What `npm run test:production` runs, inside the namespaces that `run` made. */
export default defineConfig({
  test: {
    include: ['test/production/*.test.ts'],
    testTimeout: 300_000,
    // Longer than it waits for the bot, so that what the bot wrote is shown.
    hookTimeout: 150_000,
    // More at once, and the stand-ins, which make every file themselves, would answer late.
    maxConcurrency: 4,
  },
});
