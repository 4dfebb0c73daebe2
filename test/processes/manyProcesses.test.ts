import { beforeEach, describe, expect, test } from 'vitest';
import type { Channel, Message } from '../../playground/discord/world.ts';
import type { Bot } from '../../src/bot.ts';
import { startProcess } from '../botProcess.ts';
import { hasRedis, type RedisServer, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { channelOn, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
stopRedisAfterEach();

const anyOfTwo = { SHARDS: 'auto', SHARD_COUNT: '2' };

/** A request with its price, in this place. */
async function quoted(channel: Channel, prompt: string): Promise<Message> {
  const card = messageOf(await stage.ada.command(channel, 'image', { prompt, model: 'z-image' }));
  await stage.says(card, 'Confirm ·');
  return card;
}

async function running(channel: Channel, prompt: string): Promise<Message> {
  const card = await quoted(channel, prompt);
  await stage.ada.press(card, 'Confirm');
  await stage.saved(card, 'running');
  return card;
}

const finishAll = () => {
  for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
};

const logged = (words: string, times: number) =>
  stage.discord.world.until(
    () => stage.log.filter((line) => line.includes(words)).length >= times,
    `the words “${words}”, ${times} times`,
  );

/** Starts a process that has no shard yet, and waits until it says so; `bot` resolves when it runs one. */
async function startSpare(env: Record<string, string>): Promise<{ bot: Promise<Bot> }> {
  const before = stage.log.filter((line) => line.includes(waits)).length;
  const bot = stage.startBot({ ...anyOfTwo, ...env }, undefined, 0.3);
  await logged(waits, before + 1);
  return { bot };
}
const waits = 'waiting until one is free';

/** Processes on several computers share a Redis; where there is none to test with, they share a file. */
describe(`any shard, on ${hasRedis ? 'Redis' : 'SQLite'}`, () => {
  let env: Record<string, string>;
  let redis: RedisServer | undefined;
  beforeEach(async () => {
    redis = hasRedis ? await startRedis() : undefined;
    env = redis ? { STATE_URL: redis.url } : {};
  });

  test('each process is replaced while people work: they see a pause at most, and everything paid for arrives', async () => {
    stage.holdJobs();
    const processes = [await stage.startBot({ ...anyOfTwo, ...env }), await stage.startBot({ ...anyOfTwo, ...env })];
    const channels = [channelOn(stage, 0), channelOn(stage, 1)];
    const cards: Message[] = [];
    for (const channel of channels) cards.push(await running(channel, 'a fox'));
    const open: Message[] = [];
    for (const channel of channels) open.push(await quoted(channel, 'an owl'));
    let spare = await startSpare(env);
    let confirmed = cards.length;
    // The third is a spare that took over meanwhile.
    for (const _ of [0, 1, 2]) {
      await processes.shift()?.stop();
      // Nobody may be there for a moment: Discord says that the app did not respond, and the press may be made again.
      const [card] = open;
      const pressed = card && stage.ada.press(card, 'Confirm');
      processes.push(await spare.bot);
      spare = await startSpare(env);
      stage.clock.advance(3_000);
      if (card && (await pressed)?.type === 'failed') await stage.ada.press(card, 'Confirm');
      if (card) {
        await stage.saved(card, 'running');
        confirmed++;
        cards.push(...open.splice(0, 1));
      }
    }
    finishAll();
    for (const card of cards) await stage.says(card, '✅');
    expect(stage.paid()).toBe(confirmed);
    expect(confirmed).toBe(4);
    // Nothing was shown twice: a message for each request, in its own place.
    for (const channel of channels)
      expect(
        stage.discord.world.messagesIn(channel.id).filter((message) => textOf(message).includes('✅')),
      ).toHaveLength(2);
    await processes.shift()?.stop();
    await spare.bot;
  });

  test('killed (kill -9): a spare has its shard within ten seconds, and its requests go on in the same cards', async () => {
    stage.holdJobs();
    const victim = startProcess(stage, { ...env, ...anyOfTwo, KUBEEZ_POLL_SECONDS: '0.1' });
    const output = () => victim.output.join('');
    await stage.discord.world.until(() => output().includes('"msg":"ready"'), 'the first process', 50_000);
    await stage.startBot({ ...anyOfTwo, ...env });
    const spare = await startSpare(env);
    const channel = channelOn(stage, 0);
    const open = await quoted(channel, 'an owl');
    const paid = await quoted(channel, 'a fox');
    await stage.ada.press(paid, 'Confirm');
    await stage.job();
    await stage.says(paid, ' s · ');
    victim.process.kill('SIGKILL');
    await victim.ended;
    expect((await stage.inTime(stage.ada.press(open, 'Confirm'))).type).toBe('failed');
    if (redis) {
      // As after the rest of the lease's time, which the killed process no longer renews.
      const [end = '', holder] = redis.ask('HGET', 'kubeez:leases', '0/2').split(' ');
      expect(Number(end) - Number(redis.ask('TIME').split('\n')[0]) * 1000).toBeLessThanOrEqual(10_000);
      redis.ask('HSET', 'kubeez:leases', '0/2', `0 ${holder}`);
    }
    await spare.bot;
    expect(stage.log.filter((line) => line.includes('a shard is free')).at(-1)).toContain('"shards":[0],"of":2');
    finishAll();
    await stage.says(paid, '✅');
    expect(stage.paid()).toBe(1);
    await stage.ada.press(open, 'Confirm');
    await stage.saved(open, 'running');
    finishAll();
    await stage.says(open, '✅');
    expect(stage.paid()).toBe(2);
  });
});

test('SIGTERM ends a spare at once, while it waits', async () => {
  await stage.startBot({ SHARDS: 'auto', SHARD_COUNT: '1' });
  const spare = startProcess(stage, { SHARDS: 'auto', SHARD_COUNT: '1' });
  await stage.discord.world.until(() => spare.output.join('').includes(waits), 'a spare', 50_000);
  spare.process.kill('SIGTERM');
  expect(await spare.ended).toBe(0);
  expect(spare.output.join('')).not.toContain('"msg":"ready"');
});
