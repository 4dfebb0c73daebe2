import { mkdtempSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWorker } from '../../playground/simulate/build.ts';
import { playSeeds } from '../../playground/simulate/players.ts';

// Among the sources: what is built there finds the libraries.
const folder = mkdtempSync(`${process.cwd()}/out-simulate-`);
let worker: string;

beforeAll(async () => {
  worker = await buildWorker(process.cwd(), folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a seed tells the same story to the byte, whatever was told before it', async () => {
  const told = new Map<number, string[]>();
  await playSeeds(worker, [1, 2, 3, 3, 2, 1], ({ seed, story }) => {
    told.set(seed, [...(told.get(seed) ?? []), story.join('\n')]);
    return undefined;
  });
  for (const [seed, [first, again]] of told) expect(again, `seed ${seed}`).toBe(first);
  expect(told.get(1)).not.toEqual(told.get(2));
});

test('a refusal that the balance contradicts is none, although the failed job is given back its credits later', async () => {
  const broken: string[] = [];
  await playSeeds(worker, [5271], (ended) => {
    broken.push(...ended.broken);
    return undefined;
  });
  expect(broken).toEqual([]);
});
