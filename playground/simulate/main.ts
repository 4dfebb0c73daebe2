import { mkdtempSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { buildWorker } from './build.ts';
import { huntMutants } from './mutants.ts';
import { playSeeds, range } from './players.ts';
import type { Ended } from './story.ts';
import { themeOf } from './troubles.ts';

/**
 * `npm run simulate -- --seed 7` tells one story; `-- --seeds 1..10000` plays many and tells those that broke a promise;
 * `--about approvals` takes of these only those about that. `-- --mutants` looks whether known faults would be found.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    about: { type: 'string' },
    mutants: { type: 'boolean' },
    only: { type: 'string' },
  },
});

/** Lines of a story that fit on a page. */
const page = 70;
/** Broken stories that are told in full. */
const maxTold = 3;

function tell({ seed, story, broken }: Ended, lines: number): void {
  const left = story.length - lines;
  console.log(`\nSeed ${seed}${left > 0 ? ` (its last ${lines} lines of ${story.length}; all: --seed ${seed})` : ''}`);
  for (const line of story.slice(Math.max(0, left))) console.log(line);
  for (const what of broken) console.log(`  ✗ ${what}`);
}

// Stories know no real time, so whatever does goes before them.
setPriority(constants.priority.PRIORITY_LOW);

const root = process.cwd();
const folder = mkdtempSync(`${root}/out-simulate-`);
try {
  process.exitCode = await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<number> {
  if (values.mutants) return huntMutants(root, folder, values.only);
  const worker = await buildWorker(root, folder);
  const [from, to] = (values.seeds ?? `${values.seed ?? 1}..${values.seed ?? 300}`).split('..').map(Number);
  if (from === undefined || to === undefined || !(from <= to)) throw new Error('Give --seed 7 or --seeds 1..300');
  const begun = performance.now();
  const failed: number[] = [];
  const sum = { stories: 0, flows: 0, paid: 0 };
  const seeds = [...range(from, to)].filter((seed) => values.about === undefined || themeOf(seed) === values.about);
  const isOne = values.seed !== undefined;
  const onEnded = (ended: Ended) => {
    sum.stories++;
    sum.flows += ended.flows;
    sum.paid += ended.paid;
    if (ended.broken.length > 0) failed.push(ended.seed);
    if (isOne) tell(ended, Number.POSITIVE_INFINITY);
    return undefined;
  };
  await playSeeds(worker, seeds, onEnded, isOne);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${sum.stories} stories with ${sum.flows} flows and ${sum.paid} paid jobs in ${seconds} s: ${failed.length} broke a promise${failed.length > 0 ? ` (seeds ${failed.sort((a, b) => a - b).join(', ')})` : ''}`,
  );
  // Played once more, so that errors in what is told name lines of the source.
  const again = isOne ? [] : failed.slice(0, maxTold);
  await playSeeds(worker, again, (ended) => void tell(ended, page), true);
  return failed.length > 0 ? 1 : 0;
}
