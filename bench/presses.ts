import { buttonsOf, type Person } from '../playground/discord/person.ts';
import type { Message } from '../playground/discord/world.ts';
import type { Stage } from '../playground/stage.ts';
import { begin } from './accounts.ts';
import type { Quoted } from './leftBehind.ts';
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

/** A press that is to be made, and the words by which its outcome is known. */
interface Press {
  presser: Person;
  message: Message;
  id: string;
  shows: string;
}

/** The press on Cancel by whoever asked for it. */
export const cancelling = ({ person, message, id }: Quoted): Press => ({
  presser: person,
  message,
  id: `flow:cancel:${id}`,
  shows: 'Cancelled',
});

/**
 * Presses a button on one card after the other, for as long as asked at the most.
 *
 * @param pause milliseconds between two presses
 * @returns the seconds from each press to the card that shows what came of it
 */
export async function pressTimes(
  stage: Stage,
  presses: Press[],
  pause: number,
  most = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const until = Date.now() + most;
  const times: Promise<number>[] = [];
  for (const press of presses) {
    if (Date.now() > until) break;
    times.push(pressTime(stage, press));
    await wait(pause);
  }
  return Promise.all(times);
}

/** Seconds from a press to the card that shows what came of it. */
export async function pressTime({ discord }: Stage, { presser, message, id, shows }: Press): Promise<number> {
  const begun = performance.now();
  const isThere = () => descriptionOf(message).includes(shows);
  const seen = discord.world.until(isThere, `“${shows}” after a press`, 60_000).then(() => performance.now());
  const [{ type }, seenAt] = await Promise.all([presser.pressRaw(message, id), seen]);
  if (type !== 'updated') throw new Error(`A press was answered with ${type}`);
  return (seenAt - begun) / 1000;
}
