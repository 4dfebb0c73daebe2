import { mkdtempSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWorker } from '../../playground/simulate/build.ts';
import { playSeeds } from '../../playground/simulate/players.ts';
import type { Ended } from '../../playground/simulate/story.ts';

// Among the sources: what is built there finds the libraries.
const folder = mkdtempSync(`${process.cwd()}/out-simulate-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that was told of each seed; all by the same players, for these take longest to begin. */
const told = new Map<number, Ended[]>();
beforeAll(async () => {
  const worker = await buildWorker(process.cwd(), folder);
  await playSeeds(worker, [5271, 1, 2, 3, 3, 2, 1], (ended) => {
    told.set(ended.seed, [...(told.get(ended.seed) ?? []), ended]);
    return undefined;
  });
});

test('a seed tells the same story to the byte, whatever was told before it', () => {
  const stories = [1, 2, 3].map((seed) => (told.get(seed) ?? []).map(({ story }) => story.join('\n')));
  for (const [first, again] of stories) expect(again).toBe(first);
  expect(stories[0]).not.toEqual(stories[1]);
});

test('a refusal that the balance contradicts is none, although the failed job is given back its credits later', () => {
  expect(told.get(5271)?.map(({ broken }) => broken)).toEqual([[]]);
});
