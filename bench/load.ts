import type { Person } from '../playground/discord/person.ts';
import type { Stage } from '../playground/stage.ts';
import { begin } from './accounts.ts';

/** What people ask for, in turn: mostly pictures, and something of each other line of the platform. */
const wishes: { command: string; options(prompt: string): Record<string, string> }[] = [
  ...Array.from({ length: 5 }, () => ({
    command: 'image',
    options: (prompt: string) => ({ prompt, model: 'nano-banana' }),
  })),
  { command: 'video', options: (prompt) => ({ prompt, model: 'seedance-1-5-pro-480p-4s' }) },
  { command: 'video', options: (prompt) => ({ prompt, model: 'kling-3-0-std' }) },
  { command: 'music', options: (prompt) => ({ prompt }) },
  { command: 'speech', options: (prompt) => ({ text: prompt, voice: 'Rachel' }) },
  { command: 'image', options: (prompt) => ({ prompt, model: 'imagen-4' }) },
];

/**
 * Keeps flows under way for a while: as soon as one is delivered its person begins the next, and the last ones are
 * waited for.
 *
 * @param flows how many at once
 * @param milliseconds how long new ones are begun
 * @returns how many were confirmed, and the seconds from the end of each job to its files, in the order of the starts
 */
export async function keepBusy(stage: Stage, flows: number, milliseconds: number) {
  const { platform } = stage.kubeez;
  const until = Date.now() + milliseconds;
  const delivered = new Map<string, number>();
  let confirmed = 0;
  const work = async (person: Person, index: number) => {
    const channel = stage.discord.world.addChannel(stage.guild, `load-${index}`);
    for (let turn = 0; Date.now() < until; turn++) {
      const wish = wishes[(index + turn) % wishes.length];
      if (!wish) return;
      const prompt = `load ${index} ${turn}`;
      const card = await begin(stage, person, channel, wish.command, wish.options(prompt));
      confirmed++;
      await stage.discord.world.until(() => card.attachments.length > 0, `the result of ${prompt}`, 600_000);
      delivered.set(prompt, card.editedAt ?? Number.NaN);
    }
  };
  const people = [stage.ada, stage.ben];
  await Promise.all(Array.from({ length: flows }, (_, index) => work(people[index % 2] ?? stage.ada, index)));
  const lags = [...platform.jobs.values()].map(({ prompt, readyAt }) => {
    return ((delivered.get(prompt) ?? Number.NaN) - readyAt) / 1000;
  });
  return { confirmed, lags };
}
