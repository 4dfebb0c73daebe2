import { defineConfig } from 'vitest/config';

/** What `npm run store` runs. */
export default defineConfig({ test: { include: ['test/stores/make.test.ts'], testTimeout: 120_000 } });
