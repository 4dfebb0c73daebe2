import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyvStoreAdapter } from 'keyv';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../src/log.ts';
import { Drafts } from '../../src/state/drafts.ts';
import { everyShard, takeLease } from '../../src/state/lease.ts';
import { OpenFlows } from '../../src/state/openFlows.ts';
import { onlyShard, Servers } from '../../src/state/servers.ts';
import { openStore, type Store, storeOn } from '../../src/state/store.ts';

const log = createLogger('silent');
const schema = z.object({ v: z.literal(1), name: z.string() });
let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubeez-store-'));
  store = await openStore(`sqlite:${join(folder, 'deep', 'bot.db')}`, log);
});
afterEach(async () => {
  await store.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

/** A store whose writes arrive when they are let through, in whatever order. */
function slowStore() {
  const records = new Map<string, string>();
  const waiting: { arrive(): void; fail(): void }[] = [];
  const adapter: KeyvStoreAdapter = Object.assign(new EventEmitter(), {
    opts: {},
    get: async <Value>(key: string) => records.get(key) as Value | undefined,
    set: (key: string, value: unknown) =>
      new Promise<void>((resolve, reject) =>
        waiting.push({
          arrive() {
            records.set(key, String(value));
            resolve();
          },
          fail: () => reject(new Error('the disk is full')),
        }),
      ),
    delete: async (key: string) => records.delete(key),
    clear: async () => records.clear(),
  });
  return { slow: storeOn(adapter, log), waiting };
}

test('a write that was given up as too slow does not land on what was written after it', async () => {
  vi.useFakeTimers();
  try {
    const { slow, waiting } = slowStore();
    const first = slow.set('flow:a', { v: 1, name: 'queued' });
    first.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(3_000);
    await expect(first).rejects.toThrow('no answer in 3 s');
    const second = slow.set('flow:a', { v: 1, name: 'submitting' });
    await vi.advanceTimersByTimeAsync(100);
    expect(waiting).toHaveLength(1);
    waiting[0]?.arrive();
    await vi.advanceTimersByTimeAsync(0);
    waiting[1]?.arrive();
    await second;
    expect(await slow.get('flow:a', schema)).toEqual({ v: 1, name: 'submitting' });
  } finally {
    vi.useRealTimers();
  }
});

test('an entry of the list that could not be written is written with the next one', async () => {
  const { slow, waiting } = slowStore();
  const open = new OpenFlows(slow, new Servers(slow));
  const first = open.add('guild', 'one');
  await vi.waitUntil(() => waiting.length === 1);
  waiting[0]?.fail();
  await expect(first).rejects.toThrow('full');
  const again = open.add('guild', 'one');
  // The server is noted first, so that its list is found.
  for (const index of [1, 2]) {
    await vi.waitUntil(() => waiting.length === index + 1);
    waiting[index]?.arrive();
  }
  await again;
  expect(await new OpenFlows(slow, new Servers(slow)).list('guild')).toEqual(['one']);
  expect(await new OpenFlows(slow, new Servers(slow)).servers([onlyShard])).toEqual(['guild']);
});

test('a draft that cannot be written while nobody waits for it ends nothing', async () => {
  const { slow, waiting } = slowStore();
  const { id, kept } = new Drafts(slow).keep('ada', { words: 'a fox' });
  await vi.waitUntil(() => waiting.length === 2);
  for (const one of waiting) one.fail();
  // A rejection that nobody has caught by now would end the process, and fails this run.
  await new Promise((resolve) => setImmediate(resolve));
  expect(id).toHaveLength(8);
  await expect(kept).rejects.toThrow('full');
});

test.each(['a folder', 'in a file', 'no database'])(
  'a file that cannot be used is refused with one sentence: %s',
  async (what) => {
    mkdirSync(join(folder, 'a folder'));
    writeFileSync(join(folder, 'no database'), 'this is no database, but a text that is long enough to be read as one');
    writeFileSync(join(folder, 'a file'), '');
    const file = join(folder, what === 'in a file' ? 'a file/bot.db' : what);
    await expect(openStore(`sqlite:${file}`, log)).rejects.toThrow(`${file} cannot be used for the records (`);
  },
);

test('a place where no lease can be taken is refused with the same sentence', async () => {
  writeFileSync(join(folder, 'a file'), '');
  const stateUrl = `sqlite:${join(folder, 'a file', 'bot.db')}`;
  const taken = takeLease({ stateUrl, shards: everyShard, log, onLost: () => {} });
  await expect(taken).rejects.toThrow('cannot be used for the records (EEXIST)');
});
