import { expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import { said, startProcess } from '../botProcess.ts';
import { people } from '../people.ts';
import { hasRedis, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { labels, messageOf, textOf, useStage } from '../stage.ts';

/** A spend limit cannot be passed by a kill while many people confirm. */
const stage = useStage();
stopRedisAfterEach();

/** What a picture costs. */
const price = 7;
const spent = () => 1000 - stage.kubeez.platform.credits;

const ask = async (person: Person, prompt: string) =>
  messageOf(await person.command(stage.channel, 'image', { prompt, model: 'nano-banana' }));

/** 50 people confirm against a limit for 7, and the process is killed meanwhile; another goes on. */
async function killedAmongPresses(env: Record<string, string>, startNext: () => Promise<() => Promise<unknown>>) {
  stage.holdJobs();
  const bot = startProcess(stage, env);
  await said(stage, bot, '"msg":"ready"');
  stage.guild.admins.add(stage.ada.user.id);
  await stage.ada.command(stage.channel, 'budget set', { credits: 7 * price + 3, per: 'week' });
  const cards = await Promise.all(
    people(stage, 50).map(async (person, index) => ({ person, card: await ask(person, `fox ${index}`) })),
  );
  for (const { card } of cards) await stage.says(card, 'Confirm ·');
  const next = await startNext();
  const isOffered = ({ card }: (typeof cards)[number]) => labels(card).some((label) => label.startsWith('Confirm ·'));
  const pressAll = () =>
    Promise.allSettled(cards.filter(isOffered).map(({ person, card }) => person.press(card, 'Confirm')));
  const presses = pressAll();
  await stage.job(3);
  bot.process.kill('SIGKILL');
  await bot.ended;
  stage.discord.gateway.drop(true);
  await presses;
  expect(stage.paid()).toBeLessThanOrEqual(7);

  await next();
  const isOver = ({ card }: (typeof cards)[number]) => /▰|has no room for this|Unclear/.test(textOf(card));
  for (;;) {
    await pressAll();
    const settled = stage.discord.world.until(() => cards.some(isOffered) || cards.every(isOver), 'an end', 40_000);
    await stage.inTime(settled, 1000, 100);
    if (!cards.some(isOffered)) break;
  }
  // A start that was cut off before Kubeez had it is unclear, and counts.
  const count = (text: string) => cards.filter(({ card }) => textOf(card).includes(text)).length;
  expect(stage.paid() + count('Unclear')).toBe(7);
  expect(spent()).toBe(stage.paid() * price);
  expect(count('has no room for this: 49 of 52')).toBe(43);
}

test(
  'killed (kill -9) while 50 people confirm against a limit for 7: 7 start in the end, and the limit is not passed',
  () => killedAmongPresses({}, async () => () => stage.startBot()),
  120_000,
);

test.skipIf(!hasRedis)(
  'the same with two processes on one Redis, of which the second waits and takes over',
  async () => {
    const env = { STATE_URL: (await startRedis()).url };
    let spare: ReturnType<typeof stage.startBot> | undefined;
    await killedAmongPresses(env, async () => {
      spare = stage.startBot(env);
      await stage.discord.world.until(() => stage.log.join('').includes('waiting for it'), 'the second process');
      return async () => spare;
    });
    // Before its Redis ends.
    await (await spare)?.stop();
  },
  120_000,
);
