import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { released } from './changelog.ts';

/** Part of `npm version`: moves what is unreleased in the changelog under the new version. */
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync('package.json', 'utf8')));
const day = new Date().toISOString().slice(0, 10);
writeFileSync('CHANGELOG.md', released(readFileSync('CHANGELOG.md', 'utf8'), version, day));
