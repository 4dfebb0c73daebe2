import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../src/log.ts';
import { openStore } from '../../src/state/store.ts';
import { hasRedis, type RedisServer, startRedis, stopRedisAfterEach } from '../redisServer.ts';
import { formOf, messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const log = createLogger('silent');
let redis: RedisServer;

stopRedisAfterEach();
beforeEach(async () => {
  if (hasRedis) redis = await startRedis();
});

// Needs redis-server (Debian: redis-server); what a store on it does by itself is in storeContract.test.ts.
test.skipIf(!hasRedis)('a Redis that goes away and comes back: what happens meanwhile is not lost', async () => {
  stage.holdJobs();
  await stage.startBot({ STATE_URL: redis.url }, undefined, 0.02);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  const job = await stage.job();
  await stage.card(' s · ');
  await redis.stop();
  stage.kubeez.platform.finish(job.id);
  stage.clock.advance(10_000);
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"state store"')), 'a failure');
  await redis.start();
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test.skipIf(!hasRedis)('a server’s own account is kept on Redis, sealed', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  const env = { STATE_URL: redis.url, KUBEEZ_TOKEN: '', STATE_KEY: randomBytes(32).toString('base64') };
  const bot = await stage.startBot(env);
  const own = stage.kubeez.addAccount(500);
  const form = formOf(await stage.ada.command(stage.channel, 'connect'));
  const answer = messageOf(await stage.ada.submit(stage.channel, form, { token: own.token }));
  await stage.discord.world.until(() => answer.content.includes('Connected'), 'a connection');
  await bot.stop();
  await stage.startBot(env);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.discord.world.until(() => textOf(card).includes('496 left'), 'a price');
  const store = await openStore(redis.url, log);
  const record = JSON.stringify(await store.get(`account:${stage.guild.id}`, z.unknown()));
  await store.close();
  expect(record).toContain('"sealed"');
  expect(record).not.toContain(own.token);
});
