import { defineConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

/** The playground's page, in Chromium: `npm run test:page`. */
export default defineConfig({ test: { ...shared.test, include: ['test/page/*.test.ts'], exclude: [] } });
