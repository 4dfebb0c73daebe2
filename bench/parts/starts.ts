import { end, newStage, startBare, startBareAsWritten, startOurs, startWithLog, timeToReady } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { keepEndedFlows } from '../leftBehind.ts';
import { quantile, wait } from '../measure.ts';

/**
 * From the start of the process to READY. It is judged beside the bare bot as one writes it: to have the libraries in one file is
 * part of how our start is made fast. How long the bare bot takes when it has that as well stands beside it.
 */
export async function starts(figures: Figures, turns: number): Promise<void> {
  const stage = await newStage();
  const [written, bundled, ours]: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < turns; turn++) {
    written.push(await timeToReady(stage, startBareAsWritten));
    bundled.push(await timeToReady(stage, startBare));
    ours.push(await timeToReady(stage, startOurs));
  }
  await stage.close();
  const [base, fastest, own] = [quantile(written, 0.5), quantile(bundled, 0.5), quantile(ours, 0.5)];
  const beside = (time: number) => `${time.toFixed(0)} ms, ${(own / time).toFixed(2)} ×`;
  figures.note(
    'start of the process to READY, median',
    `${own.toFixed(0)} ms, bare ${beside(base)} (bundled as ours ${beside(fastest)})`,
    '≤ 1.3 ×',
    own / base <= 1.3,
  );
}

/** Requests that have ended, and are kept, must not slow a start: it is not about them. */
export async function keptRecords(figures: Figures, counts: number[]): Promise<void> {
  const points = [];
  for (const count of counts) {
    const stage = await newStage();
    await keepEndedFlows(stage, count);
    const times: number[] = [];
    for (let turn = 0; turn < 3; turn++) times.push(await timeToReady(stage, startOurs));
    points.push({ count, cost: quantile(times, 0.5) });
    await stage.close();
  }
  const [none, all] = [points[0]?.cost ?? Number.NaN, points.at(-1)?.cost ?? Number.NaN];
  figures.note(
    `start of the process to READY with ${counts.at(-1)?.toLocaleString('en')} records, with one`,
    `${all.toFixed(0)} ms, ${none.toFixed(0)} ms, ${(all / none).toFixed(2)} ×`,
    '≤ 1.2 ×',
    all / none <= 1.2,
  );
  figures.grew({ by: 'kept records', what: 'start of the process to READY', unit: 'ms', noise: none * 0.15, points });
}

/** A start in many servers, until all of them were looked at. Discord would want a shard for 2,500; here one has all. */
export async function manyServers(figures: Figures, counts: number[]): Promise<void> {
  const points = [];
  for (const count of counts) {
    const stage = await newStage();
    stage.discord.gateway.maxGuildsAShard = Number.POSITIVE_INFINITY;
    for (let index = 1; index < count; index++) stage.discord.world.addGuild(`Server ${index}`, [stage.ada.user]);
    const times: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const begun = performance.now();
      const bot = startWithLog(stage);
      while (!bot.output.join('').includes('"resumed"') && performance.now() - begun < 60_000) await wait(5);
      times.push(performance.now() - begun);
      await end(bot.process);
    }
    points.push({ count, cost: quantile(times, 0.5) });
    await stage.close();
  }
  figures.grew({
    by: 'servers',
    what: 'start of the process until it is ready',
    unit: 'ms',
    noise: (points[0]?.cost ?? 0) * 0.15,
    points,
  });
}
