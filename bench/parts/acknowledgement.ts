import { end, newStage, ready, startBare, startOurs } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { channelsOf, crowdOf } from '../leftBehind.ts';
import { setManyRules } from '../manyRules.ts';
import { answerTimes, quantile } from '../measure.ts';

/**
 * Twenty people use a command at once; the bots in turns, so that they share whatever the machine is doing.
 *
 * @param turns of each bot; the first two warm them up
 */
export async function acknowledgement(figures: Figures, turns: number): Promise<void> {
  const stages = [await newStage(), await newStage(), await newStage()] as const;
  await setManyRules(stages[2]);
  const bots = [
    await ready(stages[0], () => startBare(stages[0])),
    await ready(stages[1], () => startOurs(stages[1])),
    await ready(stages[2], () => startOurs(stages[2])),
  ];
  const places = stages.map((stage) => channelsOf(stage, 20));
  const people = stages.map((stage) => crowdOf(stage, 20));
  const times: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < turns; turn++) {
    // There and back: whoever comes next finds a machine that still works for the one before.
    for (const index of turn % 2 === 0 ? ([0, 1, 2] as const) : ([2, 1, 0] as const)) {
      const measured = await answerTimes(people[index] ?? [], places[index] ?? [], 1);
      if (turn >= 2) times[index].push(...measured);
    }
  }
  await Promise.all(bots.map(end));
  await Promise.all(stages.map((stage) => stage.close()));
  const [bare, ours, withRules] = times;
  noteAnswer(figures, '20 users at once', bare, ours);
  noteAnswer(figures, '20 users at once, 200 rules set', bare, withRules);
}

function noteAnswer(figures: Figures, what: string, bare: number[], ours: number[]): void {
  for (const [name, share, bound] of [
    ['median', 0.5, 1.1],
    ['p99', 0.99, 1.3],
  ] as const) {
    const [b, o] = [quantile(bare, share), quantile(ours, share)];
    const ratio = o / b;
    figures.note(
      `${what}: ${name} of the answer`,
      `${o.toFixed(1)} ms, bare ${b.toFixed(1)} ms, ${ratio.toFixed(2)} ×`,
      `≤ ${bound} ×`,
      ratio <= bound,
    );
  }
}
