import { easyRates } from '../../playground/discord/rates.ts';
import { begin } from '../accounts.ts';
import { end, newStage, ready, startOurs } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { processorOf, wait } from '../measure.ts';

/** Pictures, one after the other: what each costs the processor. Not more than the reads of a minute allow. */
export async function cost(figures: Figures): Promise<void> {
  const stage = await newStage(easyRates);
  Object.assign(stage.kubeez.platform.settings, { speed: 1000, mediaScale: 1 / 4 });
  const bot = await ready(stage, () => startOurs(stage, { KUBEEZ_POLL_SECONDS: '0.1' }));
  const [first, measured] = [5, 15];
  let before = 0;
  for (let number = 1; number <= first + measured; number++) {
    await begin(stage, stage.ada, stage.channel, 'image', { prompt: `cost ${number}`, model: 'z-image' });
    const isThere = () =>
      [...stage.discord.world.messagesIn(stage.channel.id)].every((card) => card.attachments.length > 0);
    await stage.discord.world.until(isThere, 'a result', 60_000);
    // The first ones warm it up.
    if (number === first) before = processorOf(bot.pid);
  }
  await wait(500);
  const each = (processorOf(bot.pid) - before) / measured;
  figures.note(`a picture, of ${measured} one after the other: processor`, `${each.toFixed(0)} ms`, '–', true);
  await end(bot);
  await stage.close();
}
