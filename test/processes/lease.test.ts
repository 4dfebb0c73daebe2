import { beforeEach, describe, expect, test } from 'vitest';
import type { BotProcess } from '../../playground/botProcess.ts';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import { said as botSaid, startProcess } from '../botProcess.ts';
import { hasRedis, type RedisServer, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
stopRedisAfterEach();

const start = (env: Record<string, string> = {}) => startProcess(stage, { KUBEEZ_POLL_SECONDS: '0.1', ...env });

const log = () => stage.log.join('');

const said = (bot: BotProcess, words: string) => botSaid(stage, bot, words, 50_000);

async function quoted(): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm ·');
  return card;
}

/** A job that runs until the test finishes it. */
async function running() {
  stage.holdJobs();
  const card = await quoted();
  await stage.ada.press(card, 'Confirm');
  const { id } = await stage.job();
  await stage.card(' s · ');
  return { card, id };
}

test('SIGTERM hands the flows over to a process that waits', async () => {
  const first = start();
  await said(first, '"msg":"ready"');
  const { card, id } = await running();
  const second = start();
  await said(second, 'waiting for it');
  first.process.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  await said(second, '"resumed":1');
  stage.kubeez.platform.finish(id);
  await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result', 50_000);
  expect(stage.paid()).toBe(1);
});

describe.each(['sqlite', 'redis'] as const)('on %s', (kind) => {
  if (kind === 'redis' && !hasRedis) {
    test.skip('needs redis-server', () => {});
    return;
  }
  let env: Record<string, string>;
  beforeEach(async () => {
    env = kind === 'redis' ? { STATE_URL: (await startRedis()).url } : {};
  });

  test('two bots on one store: a refused start and three quick presses are paid once, and the second ends with a sentence', async () => {
    await stage.startBot(env);
    const second = stage.startBot(env, undefined, 0.05);
    await stage.discord.world.until(() => log().includes('waiting for it'), 'the second bot');
    const card = await quoted();
    stage.kubeez.faults.push({ tool: /generate_media/, how: 429, times: 1 });
    const confirm = buttonsOf(card).find(({ label }) => label.startsWith('Confirm'))?.custom_id ?? '';
    await Promise.all([
      expect(second).rejects.toThrow(/Another process of the bot already runs .+: stop it first/),
      ...[1, 2, 3].map(() => stage.ada.pressRaw(card, confirm)),
    ]);
    await stage.cardInTime('✅');
    expect(stage.paid()).toBe(1);
    expect(stage.discord.gateway.identified).toBe(1);
  });

  test('killed (kill -9) and started at once: the job goes on in its card', async () => {
    const first = start(env);
    await said(first, '"msg":"ready"');
    const { card, id } = await running();
    first.process.kill('SIGKILL');
    await first.ended;
    stage.kubeez.platform.finish(id);
    await stage.startBot(env);
    await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
    expect(stage.paid()).toBe(1);
    // The operating system has dropped the lock of the dead process; Redis waits for the end of the lease.
    expect(log().includes('waiting for it')).toBe(kind === 'redis');
  });

  test('processes for other shards run side by side; one that shares a shard, in whatever way it counts, does not', async () => {
    const mine = { ...env, SHARDS: '0,1', SHARD_COUNT: '4' };
    await stage.startBot(mine);
    await stage.startBot({ ...env, SHARDS: '2', SHARD_COUNT: '4' });
    for (const overlapping of [{ SHARDS: '1,3', SHARD_COUNT: '4' }, {}]) {
      await expect(stage.startBot({ ...env, ...overlapping }, undefined, 0.001)).rejects.toThrow('Another process');
    }
    if (kind === 'redis') {
      const resharded = { SHARDS: '4', SHARD_COUNT: '8' };
      await expect(stage.startBot({ ...env, ...resharded }, undefined, 0.001)).rejects.toThrow('Another process');
    }
    await stage.startBot({ ...env, SHARDS: '3', SHARD_COUNT: '4' });
  });
});

describe.skipIf(!hasRedis)('a Redis that loses the lease', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis();
  });

  test('who lost it to another process makes no paid call, and ends', async () => {
    const bot = start({ STATE_URL: redis.url });
    await said(bot, '"msg":"ready"');
    const card = await quoted();
    // As a process that took over would have left it.
    redis.ask('HSET', 'kubeez:leases', '0/1', '99999999999999 another-process');
    await stage.ada.press(card, 'Confirm').catch(() => undefined);
    expect(await bot.ended).toBe(1);
    expect(bot.output.join('')).toContain('has taken over this store');
    expect(stage.paid()).toBe(0);
    expect(redis.ask('HGET', 'kubeez:leases', '0/1')).toContain('another-process');
  });

  test('who lost it moves no card any more: the result may be on it by now', async () => {
    // Long enough that nothing else is done for the job meanwhile, by which the loss would be noticed.
    stage.kubeez.platform.settings.speed = 0.1;
    await stage.startBot({ STATE_URL: redis.url });
    const { card } = await running();
    redis.ask('HSET', 'kubeez:leases', '0/1', '99999999999999 another-process');
    const before = stage.discord.api.requests.length;
    const ended = stage.discord.world.until(() => !stage.discord.gateway.isListening(stage.guild.id), 'its end');
    // The card is due to move each five seconds.
    await stage.inTime(ended, 6_000);
    const drawn = stage.discord.api.requests.slice(before).filter(({ path }) => path.endsWith(card.id));
    expect(drawn).toEqual([]);
  });

  test('a lease that is gone but that nobody took is taken anew, and the bot goes on', async () => {
    await stage.startBot({ STATE_URL: redis.url });
    const card = await quoted();
    redis.ask('DEL', 'kubeez:leases');
    await stage.ada.press(card, 'Confirm');
    await stage.discord.world.until(() => textOf(card).includes('✅'), 'the result');
    await stage.discord.world.until(() => log().includes('taken anew'), 'a line of the log');
    expect(stage.paid()).toBe(1);
    expect(Number(redis.ask('PTTL', 'kubeez:leases'))).toBeLessThanOrEqual(10_000);
  });
});
