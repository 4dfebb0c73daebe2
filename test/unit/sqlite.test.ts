import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SqliteStore } from '../../src/state/sqlite.ts';

/** A store whose disk has nothing before `keep` or `fail` is called. */
function storeOnSlowDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const waits: { keep(): void; fail(error: Error): void }[] = [];
  const file = join(folder, 'bot.db');
  const store = new SqliteStore(file, () => new Promise((keep, fail) => void waits.push({ keep, fail })));
  const next = async () => {
    await vi.waitUntil(() => waits.length > 0);
    return waits.shift();
  };
  return { store, file, next, waits };
}

test('a write is answered when the disk has it, and can be read before', async () => {
  const { store, next } = storeOnSlowDisk();
  const answered = vi.fn();
  const written = store.set('flow:a', 'a fox').then(answered);
  const disk = await next();
  expect(await store.get('flow:a')).toBe('a fox');
  expect(answered).not.toHaveBeenCalled();
  disk?.keep();
  await written;
  await store.disconnect();
});

test('while the disk is waited for, nothing else is written; what was asked for meanwhile goes together', async () => {
  const { store, next, waits } = storeOnSlowDisk();
  const first = store.set('flow:a', 'a fox');
  const disk = await next();
  const later = [store.set('flow:a', 'a hare'), store.set('flow:b', 'an owl')];
  expect(await store.get('flow:a')).toBe('a hare');
  disk?.keep();
  await first;
  (await next())?.keep();
  await Promise.all(later);
  expect(waits).toHaveLength(0);
  await store.disconnect();
});

test('a disk that fails is told to whoever waited for it, and the next write is tried', async () => {
  const { store, next } = storeOnSlowDisk();
  const lost = store.set('flow:a', 'a fox');
  const refused = expect(lost).rejects.toThrow('EIO');
  (await next())?.fail(new Error('EIO: i/o error, fdatasync'));
  await refused;
  const kept = store.set('flow:b', 'an owl');
  (await next())?.keep();
  await kept;
  expect(await store.get('flow:b')).toBe('an owl');
  await store.disconnect();
});

test('a store that is closed has waited for the disk', async () => {
  const { store, next } = storeOnSlowDisk();
  const closed = vi.fn();
  const written = store.set('flow:a', 'a fox');
  const closing = store.disconnect().then(closed);
  const disk = await next();
  expect(closed).not.toHaveBeenCalled();
  disk?.keep();
  await Promise.all([written, closing]);
});

test('a store that is closed twice closes its own files alone, once', async () => {
  const { store } = storeOnSlowDisk();
  await store.disconnect();
  const others = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(others));
  await store.disconnect();
  expect(fstatSync(others).isCharacterDevice()).toBe(true);
});

test('a database that cannot be written anew closes its own files alone, once', async () => {
  const { store, file, next } = storeOnSlowDisk();
  const lost = expect(store.set('flow:a', 'a fox')).rejects.toThrow('bot.db-wal');
  const disk = await next();
  for (const end of ['', '-wal']) rmSync(file + end);
  mkdirSync(`${file}-wal`);
  disk?.keep();
  await lost;
  const others = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(others));
  await store.disconnect();
  expect(fstatSync(others).isCharacterDevice()).toBe(true);
});

test('what is written to a closed store is refused', async () => {
  const { store } = storeOnSlowDisk();
  await store.disconnect();
  await expect(store.set('flow:a', 'a fox')).rejects.toThrow();
});
