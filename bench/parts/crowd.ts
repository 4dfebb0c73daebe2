import type { ChildProcess } from 'node:child_process';
import type { Stage } from '../../playground/stage.ts';
import { end, newStage, ready, startBare, startOurs } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { channelsOf, crowdOf } from '../leftBehind.ts';
import { answerTimes, quantile } from '../measure.ts';

/** More and more people use a command at the same moment, on both bots: what each waits in the middle, as long as all have an answer. */
export async function crowd(figures: Figures, counts: number[]): Promise<void> {
  const grows = async (what: string, start: (stage: Stage) => ChildProcess) => {
    const stage = await newStage();
    const bot = await ready(stage, () => start(stage));
    const channels = channelsOf(stage, 50);
    const people = crowdOf(stage, Math.max(...counts));
    await answerTimes(people.slice(0, 20), channels, 4);
    const points = [];
    for (const count of counts) {
      const times = await answerTimes(people.slice(0, count), channels, count < 100 ? 7 : 3).catch(() => undefined);
      // Discord waits three seconds, and some had no answer by then.
      if (!times) break;
      points.push({ count, cost: quantile(times, 0.5) });
    }
    await end(bot);
    await stage.close();
    figures.grew({ by: 'people at the same moment', what, unit: 'ms', noise: 2, points });
  };
  await grows('median of the answer', startOurs);
  await grows('median of the answer, bare bot', startBare);
}
