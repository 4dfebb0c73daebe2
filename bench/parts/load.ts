import { end, newStage, ready, startOurs } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { keepBusy } from '../load.ts';
import { mostInAMinute, quantile } from '../measure.ts';

/** Forty flows at once on one account, each followed by the next, for three minutes of the platform's sped-up time. */
export async function load(figures: Figures): Promise<void> {
  const stage = await newStage();
  const { platform } = stage.kubeez;
  platform.credits = 100_000;
  platform.settings.speed = 6;
  const poll = 5;
  const bot = await ready(stage, () => startOurs(stage, { KUBEEZ_POLL_SECONDS: String(poll) }));
  const { confirmed, lags } = await keepBusy(stage, 40, (3 * 60_000) / platform.settings.speed);
  const most = mostInAMinute(platform.reads);
  figures.note(
    `40 flows at once, ${lags.length} in all: reads in any minute, refused`,
    `${most}, ${platform.refusedReads}`,
    '≤ 120, 0',
    most <= 120 && platform.refusedReads === 0,
  );
  figures.note('40 flows at once: starts refused', `${platform.refusedStarts}`, '0', platform.refusedStarts === 0);
  const paid = platform.jobs.size;
  figures.note('40 flows at once: paid calls, confirmed', `${paid}, ${confirmed}`, 'equal', paid === confirmed);
  const [first, all] = [quantile(lags.slice(0, 10), 0.5), quantile(lags, 0.5)];
  figures.note(
    '40 flows at once: end of a job → files, median of the first 10, of all',
    `${first.toFixed(1)} s, ${all.toFixed(1)} s`,
    `≤ ${poll + 1} s, –`,
    first <= poll + 1,
  );
  await end(bot);
  await stage.close();
}
