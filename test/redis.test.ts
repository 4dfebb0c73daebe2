import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../src/log.ts';
import { openStore } from '../src/state/store.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const port = 16_379;
const url = `redis://127.0.0.1:${port}`;
const log = createLogger('silent');
let redis: ChildProcess | undefined;

beforeAll(async () => {
  if (!hasRedis) return;
  const server = spawn('redis-server', [
    '--port',
    `${port}`,
    '--save',
    '',
    '--appendonly',
    'no',
    '--bind',
    '127.0.0.1',
  ]);
  redis = server;
  await new Promise<void>((resolve) =>
    server.stdout.on('data', (data) => String(data).includes('Ready to accept') && resolve()),
  );
});
afterAll(() => void redis?.kill());

// Needs redis-server (Debian: redis-server).
test.skipIf(!hasRedis)('the store keeps the same contract on Redis', async () => {
  const schema = z.object({ v: z.literal(1), name: z.string() });
  const store = await openStore(url, log);
  expect(await store.get('flow:a', schema)).toBeUndefined();
  await store.set('flow:a', { v: 1, name: 'ä fox 🦊' });
  await store.close();
  const again = await openStore(url, log);
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
