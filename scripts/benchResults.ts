import { readFileSync } from 'node:fs';
import { type Results, resultsSchema } from '../bench/results.ts';

/** What the last whole run of `npm run bench` measured. Throws where the file is missing or no such thing. */
export const benchResults = (): Results => resultsSchema.parse(JSON.parse(readFileSync('bench/results.json', 'utf8')));
