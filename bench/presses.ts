import { buttonsOf } from '../playground/discord/person.ts';
import type { Message } from '../playground/discord/world.ts';
import type { Stage } from '../playground/stage.ts';
import { begin } from './accounts.ts';
import { wait } from './measure.ts';

/** Twenty jobs the platform lets run at once: ten of media, five songs, five of speech. */
const wishes: [command: string, options: Record<string, string>][] = [
  ...Array.from({ length: 10 }, (_, index): [string, Record<string, string>] => [
    'image',
    { prompt: `running ${index}`, model: 'z-image' },
  ]),
  ...Array.from({ length: 5 }, (_, index): [string, Record<string, string>] => ['music', { prompt: `song ${index}` }]),
  ...Array.from({ length: 5 }, (_, index): [string, Record<string, string>] => [
    'speech',
    { text: `words ${index}`, voice: 'Rachel' },
  ]),
];

const descriptionOf = (message: Message) => message.embeds[0]?.description ?? '';

/** Begins twenty jobs in one channel, and waits until all of their cards move. */
export async function fillChannel(stage: Stage): Promise<void> {
  const cards: Message[] = [];
  for (const [command, options] of wishes) cards.push(await begin(stage, stage.ada, stage.channel, command, options));
  const all = () => cards.every((card) => descriptionOf(card).includes('▱') || descriptionOf(card).includes('▰'));
  await stage.discord.world.until(all, 'twenty running cards', 60_000);
}

/** Cards that wait for Confirm, in the busy channel. */
export async function quotedCards(stage: Stage, count: number): Promise<Message[]> {
  const cards: Message[] = [];
  for (let index = 0; index < count; index++) {
    const outcome = await stage.ben.command(stage.channel, 'image', { prompt: `pressed ${index}`, model: 'z-image' });
    if (outcome.type !== 'message') throw new Error(`Answered with ${outcome.type}`);
    const { message } = outcome;
    await stage.discord.world.until(() => buttonsOf(message)[0]?.label.startsWith('Confirm ·'), 'a price', 60_000);
    cards.push(message);
  }
  return cards;
}

/**
 * Presses a button on one card after the other, for as long as asked at the most.
 *
 * @param pause milliseconds between two presses
 * @returns the seconds from each press to the card that shows what came of it
 */
export async function pressTimes(
  stage: Stage,
  presser: Stage['ada'],
  cards: { message: Message; id: string; shows: string }[],
  pause: number,
  most = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const until = Date.now() + most;
  const times: Promise<number>[] = [];
  for (const { message, id, shows } of cards) {
    if (Date.now() > until) break;
    const begun = performance.now();
    const outcome = presser.pressRaw(message, id);
    const isThere = () => descriptionOf(message).includes(shows);
    const seen = stage.discord.world.until(isThere, `“${shows}” after a press`, 60_000);
    times.push(seen.then(() => (performance.now() - begun) / 1000));
    if ((await outcome).type !== 'updated') throw new Error('A press was not answered');
    await wait(pause);
  }
  return Promise.all(times);
}
