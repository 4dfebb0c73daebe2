import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Limit } from '../../src/guilds/limits.ts';
import { GuildSettings } from '../../src/guilds/settings.ts';
import { createLogger } from '../../src/log.ts';
import { Popularity } from '../../src/state/popularity.ts';
import { BrokenRecord, Store } from '../../src/state/store.ts';

const storeOf = (records = new Map<string, unknown>()) =>
  new Store(new Keyv({ store: records, throwOnErrors: true }), createLogger('silent'));
const limit = (id: string, credits = 7): Limit => ({
  id,
  credits,
  per: 'week',
  scope: 'server',
  target: null,
  label: '',
});

test('a server that has set nothing has no limits, and days by UTC', async () => {
  const settings = new GuildSettings(storeOf());
  expect(settings.known('2000')).toBeUndefined();
  expect(await settings.of('2000')).toMatchObject({ limits: [], timeZone: 'UTC' });
  expect(settings.known('2000')).toMatchObject({ limits: [] });
});

test('limits are kept, one with the same id is put in place of the other, and other servers have none of it', async () => {
  const store = storeOf();
  const settings = new GuildSettings(store);
  await Promise.all([
    settings.setLimit('2000', limit('a')),
    settings.setLimit('2000', limit('b')),
    settings.setLimit('2000', limit('a', 9)),
  ]);
  await settings.removeLimit('2000', 'b');
  expect(settings.known('2000')?.limits).toEqual([limit('a', 9)]);
  const again = new GuildSettings(store);
  expect((await again.of('2000')).limits).toEqual([limit('a', 9)]);
  expect((await again.of('2001')).limits).toEqual([]);
});

test('what an earlier version kept under the same key is no trouble, and stays', async () => {
  const store = storeOf();
  await store.set('guild:2000', { v: 1, models: { 'some-model': 3 } });
  await new GuildSettings(store).setLimit('2000', limit('a'));
  expect((await new GuildSettings(store).of('2000')).limits).toEqual([limit('a')]);
  expect([...(await new Popularity(store).of('2000'))]).toEqual([['some-model', 3]]);
});

test('a time zone that no longer exists counts as UTC; settings that do not fit are an error, not no limits', async () => {
  const store = storeOf();
  await store.set('guild:2000', { v: 1, timeZone: 'Europe/Atlantis', limits: [limit('a')] });
  expect(await new GuildSettings(store).of('2000')).toMatchObject({ timeZone: 'UTC', limits: [limit('a')] });
  await store.set('guild:2001', { v: 1, limits: [{ ...limit('a'), credits: 'many' }] });
  await expect(new GuildSettings(store).of('2001')).rejects.toThrow(BrokenRecord);
  expect(await store.get('aside:guild:2001', z.unknown())).toBeDefined();
});
