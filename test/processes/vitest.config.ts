import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** What `npm run test:processes` runs: the compiled bot as a process of its own, or as several, which are killed and replaced. */
export default defineConfig({ test: { ...base.test, include: ['test/processes/*.test.ts'], exclude: [] } });
