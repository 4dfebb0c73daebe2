import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Figures } from './figures.ts';
import { acknowledgement } from './parts/acknowledgement.ts';
import { cost } from './parts/cost.ts';
import { crowd } from './parts/crowd.ts';
import { deliveries } from './parts/deliveries.ts';
import { lag } from './parts/lag.ts';
import { load } from './parts/load.ts';
import { manyAccounts } from './parts/manyAccounts.ts';
import { openFlows, reads } from './parts/openFlows.ts';
import { presses } from './parts/presses.ts';
import { keptRecords, manyServers, starts } from './parts/starts.ts';
import { figuresTable, growthTable } from './tables.ts';

/**
 * `npm run bench`: the figures of the design, measured; ratios are against a bare discord.js bot of the same run. It writes
 * `bench/results.json` and what is made from it. `npm run bench -- quick` looks at the most important ones alone, and
 * `npm run bench -- lag` at one part; neither writes anything.
 */
const figures = new Figures();
const counts = [1, 10, 100, 1000, 10_000];

type Part = () => Promise<void>;

/** One after another: their times would be those of the others as well. */
const alone: Record<string, Part> = {
  acknowledgement: () => acknowledgement(figures, 20),
  starts: () => starts(figures, 7),
  openFlows: () => openFlows(figures, counts, 8),
  keptRecords: () => keptRecords(figures, [...counts, 100_000]),
  manyServers: () => manyServers(figures, counts),
  // More at once would wait longer than Discord does.
  crowd: () => crowd(figures, counts.slice(0, -1)),
};

/** Together: for the most part they wait, for what the platform allows in a minute. */
const waiting: Record<string, Part> = {
  cost: () => cost(figures),
  lag: () => lag(figures),
  load: () => load(figures),
  presses: () => presses(figures),
  reads: () => reads(figures),
};

/** One after another as well. */
const large: Record<string, Part> = {
  manyAccounts: () => manyAccounts(figures),
  deliveries: () => deliveries(figures, [10, 50]),
};

const quick: Part[] = [
  () => acknowledgement(figures, 8),
  () => starts(figures, 3),
  () => openFlows(figures, [100, 1000], 4),
  () => deliveries(figures, [10]),
];

const allWaiting: Part = async () => {
  await Promise.all(Object.values(waiting).map((part) => part()));
};

const wish = process.argv[2];
const whole = [...Object.values(alone), allWaiting, ...Object.values(large)];
const known: Record<string, Part> = { ...alone, ...waiting, ...large };
for (const part of wish === undefined ? whole : wish === 'quick' ? quick : [known[wish]]) {
  if (!part) throw new Error(`There is no part “${wish}”: quick, ${Object.keys(known).join(', ')}`);
  await part();
}

const results = figures.results();
console.log(`\n${figuresTable(results)}\n\n${growthTable(results)}\n\n${results.seconds} s`);
if (wish === undefined) {
  writeFileSync('bench/results.json', `${JSON.stringify(results, undefined, 2)}\n`);
  spawnSync('npm', ['run', '-s', 'docs'], { stdio: 'inherit' });
}
process.exit([...results.figures, ...results.growth].every(({ holds }) => holds) ? 0 : 1);
