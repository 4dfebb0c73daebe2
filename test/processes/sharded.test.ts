import { describe, expect, onTestFinished, test } from 'vitest';
import { type BotProcess, startBotProcess } from '../../playground/botProcess.ts';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { hasRedis, type RedisServer, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { channelOn, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
stopRedisAfterEach();

/** `npm run start:sharded`, which ends with the test. */
function start(env: Record<string, string>): BotProcess {
  const bot = startBotProcess({ ...stage.env, KUBEEZ_POLL_SECONDS: '0.1', ...env }, undefined, 'sharded');
  onTestFinished(() => {
    for (const pid of [...childrenOf(bot), bot.process.pid ?? 0]) kill(pid, 'SIGKILL');
  });
  bot.process.stdout?.on('data', () => stage.discord.world.changed());
  return bot;
}

/** The processes that it has started so far, by the numbers in their log lines. */
const childrenOf = ({ output, process: { pid } }: BotProcess): number[] => {
  const pids = [...output.join('').matchAll(/"pid":(\d+)/g)].map(([, one]) => Number(one));
  return [...new Set(pids)].filter((one) => one !== pid);
};

/** Gives whether there was such a process. */
function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}

const said = (bot: BotProcess, words: string, times = 1) =>
  stage.discord.world.until(
    () => bot.output.join('').split(words).length > times,
    `the words “${words}”, ${times} times`,
    50_000,
  );

async function running(channel: Channel, jobs: number): Promise<Message> {
  const card = messageOf(await stage.ada.command(channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label.startsWith('Confirm ·'), 'a price');
  await stage.ada.press(card, 'Confirm');
  await stage.job(jobs);
  return card;
}

test.each([
  ['a file, which is for one process', { SHARD_COUNT: '2' }],
  ['no number of shards', { STATE_URL: 'redis://127.0.0.1:1' }],
])('start:sharded with %s is refused with one sentence', async (_, env) => {
  const bot = start(env);
  expect(await bot.ended).toBe(1);
  expect(bot.output.join('')).toContain('needs a Redis that all processes share');
});

describe.skipIf(!hasRedis)('start:sharded', () => {
  /** As after the rest of a lease's time, which a killed process no longer renews. */
  const endLeases = (redis: RedisServer) => {
    for (const part of ['0/2', '1/2']) {
      const [, holder] = redis.ask('HGET', 'kubeez:leases', part).split(' ');
      if (holder) redis.ask('HSET', 'kubeez:leases', part, `0 ${holder}`);
    }
  };

  test('runs a process for each shard, starts one again that was killed, and ends all of them on SIGTERM', async () => {
    const redis = await startRedis();
    stage.discord.gateway.maxConcurrency = 2;
    stage.holdJobs();
    const channels = [channelOn(stage, 0), channelOn(stage, 1)];
    const bot = start({ STATE_URL: redis.url, SHARD_COUNT: '2' });
    await said(bot, '"msg":"ready"', 2);
    expect(stage.discord.gateway.identified).toBe(2);
    const cards: Message[] = [];
    for (const channel of channels) cards.push(await running(channel, cards.length + 1));
    const [victim = 0] = childrenOf(bot);
    kill(victim, 'SIGKILL');
    await said(bot, 'a process has ended; it is started again');
    endLeases(redis);
    await said(bot, '"msg":"ready"', 3);
    for (const { id } of stage.kubeez.platform.jobs.values()) stage.kubeez.platform.finish(id);
    for (const card of cards) await stage.discord.world.until(() => textOf(card).includes('✅'), 'a result', 50_000);
    expect(stage.paid()).toBe(2);
    bot.process.kill('SIGTERM');
    expect(await bot.ended).toBe(0);
    expect(bot.output.join('').split('"msg":"stopping"')).toHaveLength(3);
    expect(childrenOf(bot)).toHaveLength(3);
    for (const pid of childrenOf(bot)) expect(kill(pid, 0)).toBe(false);
    expect(redis.ask('EXISTS', 'kubeez:leases')).toBe('0');
  });

  test('its processes end when it is killed itself, so that the next one finds their shards free', async () => {
    const redis = await startRedis();
    const bot = start({ STATE_URL: redis.url, SHARD_COUNT: '1' });
    await said(bot, '"msg":"ready"');
    bot.process.kill('SIGKILL');
    await bot.ended;
    await said(bot, '"msg":"stopping"');
    await expect.poll(() => redis.ask('EXISTS', 'kubeez:leases')).toBe('0');
  });
});
