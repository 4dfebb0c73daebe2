import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { end, newStage, ready, startOurs } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { quantile, wait } from '../measure.ts';

/** From the end of a job to its files on the card, with the usual poll. */
export async function lag(figures: Figures): Promise<void> {
  const stage = await newStage();
  const { platform } = stage.kubeez;
  Object.assign(platform.settings, { speed: 20, hold: true });
  const poll = 5;
  const bot = await ready(stage, () => startOurs(stage, { KUBEEZ_POLL_SECONDS: String(poll) }));
  const cards: Message[] = [];
  for (let index = 0; index < 5; index++) {
    const channel = stage.discord.world.addChannel(stage.guild, `c${index}`);
    const outcome = await stage.ada.command(channel, 'image', { prompt: `lag ${index}`, model: 'z-image' });
    if (outcome.type !== 'message') throw new Error(`Answered with ${outcome.type}`);
    const card = outcome.message;
    await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm'), 'a price');
    await stage.ada.press(card, 'Confirm');
    cards.push(card);
  }
  await stage.discord.world.until(() => platform.jobs.size === 5, 'five jobs').catch(() => undefined);
  await wait(3000);
  const finished = new Map<string, number>();
  for (const job of platform.jobs.values()) {
    platform.finish(job.id);
    finished.set(job.prompt, Date.now());
    await wait(1300);
  }
  const lags = await Promise.all(
    cards.map(async (card, index) => {
      await stage.discord.world.until(() => card.attachments.length > 0, 'a result', 30_000);
      return ((card.editedAt ?? 0) - (finished.get(`lag ${index}`) ?? 0)) / 1000;
    }),
  );
  const median = quantile(lags, 0.5);
  figures.note(
    'end of a job → files on the card, median',
    `${median.toFixed(1)} s, poll ${poll} s`,
    `≤ ${poll + 1} s`,
    median <= poll + 1,
  );
  await end(bot);
  await stage.close();
}
