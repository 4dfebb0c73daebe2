import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../src/log.ts';
import { OpenFlows } from '../../src/state/openFlows.ts';
import { BrokenRecord, openStore, type Store } from '../../src/state/store.ts';

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

test('what was written is read back, also after the file was opened anew', async () => {
  await store.set('flow:a', { v: 1, name: 'ä fox 🦊' });
  await store.close();
  store = await openStore(`sqlite:${join(folder, 'deep', 'bot.db')}`, log);
  expect(await store.get('flow:a', schema)).toEqual({ v: 1, name: 'ä fox 🦊' });
  await store.delete('flow:a');
  expect(await store.get('flow:a', schema)).toBeUndefined();
});

test('a record that does not fit is set aside, not dropped', async () => {
  await store.set('flow:a', { v: 2, other: 'shape' });
  await expect(store.get('flow:a', schema)).rejects.toThrow(BrokenRecord);
  expect(await store.get('aside:flow:a', z.unknown())).toEqual({ v: 2, other: 'shape' });
});

test('a dead store throws; it is not taken for an empty one', async () => {
  await store.close();
  await expect(store.get('flow:a', schema)).rejects.toThrow();
  await expect(store.set('flow:a', { v: 1, name: 'x' })).rejects.toThrow();
});

test('the list of open flows takes many changes at once', async () => {
  const open = new OpenFlows(store);
  const ids = Array.from({ length: 50 }, (_, index) => `flow${index}`);
  await Promise.all(ids.map((id) => open.add('guild', id)));
  await Promise.all(ids.slice(0, 40).map((id) => open.remove('guild', id)));
  expect(await new OpenFlows(store).list('guild')).toEqual(ids.slice(40));
});
