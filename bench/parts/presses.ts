import { buttonsOf } from '../../playground/discord/person.ts';
import { end, newStage, ready, startOurs } from '../bots.ts';
import type { Figures } from '../figures.ts';
import { leaveOpenFlows } from '../leftBehind.ts';
import { quantile } from '../measure.ts';
import { cancelling, fillChannel, pressTimes, quotedCards } from '../presses.ts';

const openFlows = 1000;

const notePresses = (figures: Figures, what: string, times: number[]) => {
  const [median, worst] = [quantile(times, 0.5), Math.max(...times)];
  figures.note(
    `press → changed card, ${what}: median, worst of ${times.length}`,
    `${median.toFixed(2)} s, ${worst.toFixed(2)} s`,
    '≤ 0.3 s, ≤ 1 s',
    median <= 0.3 && worst <= 1,
  );
};

/** From a press to the changed card where much else is to be drawn: a busy channel, and a start with many open flows. */
export async function presses(figures: Figures): Promise<void> {
  const busy = await newStage();
  busy.kubeez.platform.settings.hold = true;
  const first = await ready(busy, () => startOurs(busy));
  await fillChannel(busy);
  const cards = await quotedCards(busy, 20);
  const pressed = cards.map((message, index) => {
    const [action, shows] = index % 2 === 0 ? ['confirm', 'Confirmed by'] : ['cancel', 'Cancelled'];
    const button = buttonsOf(message).find(({ custom_id: id }) => id?.startsWith(`flow:${action}:`));
    return { presser: busy.ben, message, id: button?.custom_id ?? '', shows };
  });
  notePresses(figures, '20 jobs running in the same channel', await pressTimes(busy, pressed, 250));
  await end(first);
  await busy.close();

  const stage = await newStage();
  const quoted = await leaveOpenFlows(stage, openFlows);
  const second = startOurs(stage);
  await stage.discord.world.until(() => stage.discord.gateway.identified > 0, 'READY', 60_000);
  const times = await pressTimes(stage, quoted.map(cancelling), 250, 10_000);
  notePresses(figures, `within 10 s after a start with ${openFlows} open flows`, times);
  await end(second);
  await stage.close();
}
