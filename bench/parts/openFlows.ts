import { startBareBots } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { followOpenFlows, type OpenFlowsCost } from '../followOpenFlows.ts';

interface Bounds {
  /** Seconds after READY within which all are taken up. */
  taken: number;
  /** MiB beyond the bare bot. */
  memory: number;
  /** Seconds within which each of twenty people has an answer who press at READY. */
  press: number;
}

/** The bounds of the counts that have any. */
const bounds: Record<number, Bounds> = {
  100: { taken: 5, memory: 60, press: 0.5 },
  1000: { taken: 5, memory: 60, press: 0.5 },
  10000: { taken: 5, memory: 80, press: 0.5 },
};

/**
 * Starts with flows left open: how soon they are taken up, what they cost while they are open, and how that grows.
 *
 * @param followed seconds for which they are followed
 */
export async function openFlows(figures: Figures, counts: number[], followed: number): Promise<void> {
  const bare = await startBareBots();
  const costs: OpenFlowsCost[] = [];
  for (const count of counts) {
    const cost = await followOpenFlows(count, followed);
    noteOne(figures, cost, bare.memory());
    costs.push(cost);
  }
  await bare.end();
  if (counts.length < 3) return;
  const growth = (what: string, unit: string, noise: number, of: (cost: OpenFlowsCost) => number) =>
    figures.grew({
      by: 'open flows',
      what,
      unit,
      noise,
      points: costs.map((one) => ({ count: one.count, cost: of(one) })),
    });
  // What is loaded and compiled for the first few.
  growth('memory in use', 'MiB', 4, ({ live }) => live);
  growth('taken up after READY', 's', 0.2, ({ taken }) => taken.seconds);
  growth('processor while they are followed', '%', 3, ({ processor }) => processor);
}

function noteOne(figures: Figures, cost: OpenFlowsCost, base: number): void {
  const { count, taken, paid, memory, presses } = cost;
  const bound = bounds[count];
  if (!bound) return;
  const name = `${count.toLocaleString('en')} open flows`;
  figures.note(
    `start with ${name}: taken up after READY`,
    `${taken.count} in ${taken.seconds.toFixed(1)} s`,
    `≤ ${bound.taken} s`,
    taken.count === count && taken.seconds <= bound.taken,
  );
  figures.note(
    `start with ${name}: slowest answer to ${presses.length} people who press meanwhile`,
    `${Math.max(...presses).toFixed(2)} s`,
    `≤ ${bound.press} s`,
    Math.max(...presses) <= bound.press,
  );
  figures.note(`start with ${name}: paid calls`, `${paid}`, '0', paid === 0);
  figures.note(
    `memory with ${name}`,
    `${memory.toFixed(0)} MiB, bare ${base.toFixed(0)} MiB, +${(memory - base).toFixed(0)} MiB`,
    `≤ +${bound.memory} MiB`,
    memory - base <= bound.memory,
  );
}

/** How much is read of Kubeez while many jobs run, in a minute and a little more. */
export async function reads(figures: Figures): Promise<void> {
  const count = 1000;
  const { reads } = await followOpenFlows(count, 63);
  figures.note(
    `reads in any minute, ${count / 2} jobs running`,
    `${reads.most}, refused ${reads.refused}`,
    '≤ 120, 0',
    reads.most <= 120 && reads.refused === 0,
  );
}
