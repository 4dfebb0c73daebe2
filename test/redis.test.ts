import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../playground/freePort.ts';
import { createLogger } from '../src/log.ts';
import { openStore } from '../src/state/store.ts';
import { formOf, messageOf, textOf, useStage } from './stage.ts';

const stage = useStage();
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const log = createLogger('silent');
let folder: string;
let port: number;
let redis: ChildProcess | undefined;

/** Starts Redis where it was before, with what it had. */
async function startRedis(): Promise<void> {
  const settings = { port, save: '', appendonly: 'yes', appendfsync: 'always', bind: '127.0.0.1', dir: folder };
  const server = spawn(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  );
  redis = server;
  await new Promise<void>((resolve) =>
    server.stdout.on('data', (data) => String(data).includes('Ready to accept') && resolve()),
  );
}

async function stopRedis(): Promise<void> {
  const ended = new Promise((resolve) => redis?.once('exit', resolve));
  redis?.kill('SIGKILL');
  if (redis) await ended;
  redis = undefined;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubeez-redis-'));
  port = await freePort();
  if (hasRedis) await startRedis();
});
afterEach(async () => {
  await stopRedis();
  rmSync(folder, { recursive: true, force: true });
});
const url = () => `redis://127.0.0.1:${port}`;

// Needs redis-server (Debian: redis-server).
test.skipIf(!hasRedis)('the store keeps the same contract on Redis', async () => {
  const schema = z.object({ v: z.literal(1), name: z.string() });
  const store = await openStore(url(), log);
  expect(await store.get('flow:a', schema)).toBeUndefined();
  await store.set('flow:a', { v: 1, name: 'ä fox 🦊' });
  await store.close();
  const again = await openStore(url(), log);
  expect(await again.get('flow:a', schema)).toEqual({ v: 1, name: 'ä fox 🦊' });
  await again.set('flow:b', { v: 2 });
  await expect(again.get('flow:b', schema)).rejects.toThrow();
  expect(await again.get('aside:flow:b', z.unknown())).toEqual({ v: 2 });
  await again.delete('flow:a');
  expect(await again.get('flow:a', schema)).toBeUndefined();
  await again.close();
});

test('a Redis that is not there throws; it is not taken for an empty one', async () => {
  const store = await openStore('redis://127.0.0.1:1', log);
  await expect(store.get('flow:a', z.unknown())).rejects.toThrow();
  await store.close().catch(() => undefined);
}, 20_000);

test.skipIf(!hasRedis)('a Redis that goes away and comes back: what happens meanwhile is not lost', async () => {
  stage.holdJobs();
  await stage.startBot({ STATE_URL: url() }, undefined, 0.02);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  const job = await stage.job();
  await stage.card(' s · ');
  await stopRedis();
  stage.kubeez.platform.finish(job.id);
  stage.clock.advance(10_000);
  await stage.discord.world.until(() => stage.log.some((line) => line.includes('"state store"')), 'a failure');
  await startRedis();
  await stage.card('✅');
  expect(stage.paid()).toBe(1);
});

test.skipIf(!hasRedis)('a server’s own account is kept on Redis, sealed', async () => {
  stage.guild.admins.add(stage.ada.user.id);
  const env = { STATE_URL: url(), KUBEEZ_TOKEN: '', STATE_KEY: randomBytes(32).toString('base64') };
  const bot = await stage.startBot(env);
  const own = stage.kubeez.addAccount(500);
  const form = formOf(await stage.ada.command(stage.channel, 'connect'));
  const answer = messageOf(await stage.ada.submit(stage.channel, form, { token: own.token }));
  await stage.discord.world.until(() => answer.content.includes('Connected'), 'a connection');
  await bot.stop();
  await stage.startBot(env);
  const card = messageOf(await stage.ada.command(stage.channel, 'image', { prompt: 'a fox', model: 'z-image' }));
  await stage.discord.world.until(() => textOf(card).includes('496 credits left'), 'a price');
  const store = await openStore(url(), log);
  const record = JSON.stringify(await store.get(`account:${stage.guild.id}`, z.unknown()));
  await store.close();
  expect(record).toContain('"sealed"');
  expect(record).not.toContain(own.token);
});
