import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Limit } from '../../src/guilds/limits.ts';
import { GuildSettings } from '../../src/guilds/settings.ts';
import { createLogger } from '../../src/log.ts';
import { Popularity } from '../../src/state/popularity.ts';
import { BrokenRecord, Store } from '../../src/state/store.ts';
import { ManualClock } from '../manualClock.ts';
import { noRules } from '../noRules.ts';

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
  expect([...(await new Popularity(store, new ManualClock(), createLogger('silent')).of('2000'))]).toEqual([
    ['some-model', 3],
  ]);
});

test('a time zone that no longer exists counts as UTC; settings that do not fit are an error, not no limits', async () => {
  const store = storeOf();
  await store.set('guild:2000', { v: 1, timeZone: 'Europe/Atlantis', limits: [limit('a')] });
  expect(await new GuildSettings(store).of('2000')).toMatchObject({ timeZone: 'UTC', limits: [limit('a')] });
  await store.set('guild:2001', { v: 1, limits: [{ ...limit('a'), credits: 'many' }] });
  await expect(new GuildSettings(store).of('2001')).rejects.toThrow(BrokenRecord);
  expect(await store.get('aside:guild:2001', z.unknown())).toBeDefined();
});

test('a record from before there were rules has none, and nobody is blocked', async () => {
  const store = storeOf();
  await store.set('guild:2000', { v: 1, timeZone: 'Europe/Berlin', limits: [limit('a')] });
  const { rules, blocked, lastChange } = await new GuildSettings(store).of('2000');
  expect(rules).toEqual(noRules);
  expect([blocked.people, blocked.words.words, lastChange]).toEqual([[], [], null]);
});

test('a change is taken back once, and taken back twice holds again; limits and blocks are left alone', async () => {
  const store = storeOf();
  const settings = new GuildSettings(store);
  await settings.changeRules('2000', { by: '1000', at: 1 }, { roles: ['7'], timeZone: 'Europe/Berlin' });
  await settings.changeRules('2000', { by: '1001', at: 2 }, { cooldown: 60 });
  await settings.setLimit('2000', limit('a'));
  await settings.changeBlocked('2000', 'words', () => ['fox']);
  await settings.undo('2000', { by: '1002', at: 3 });
  const again = await new GuildSettings(store).of('2000');
  expect(again.rules).toEqual({ ...noRules, roles: ['7'] });
  expect(again).toMatchObject({ timeZone: 'Europe/Berlin', limits: [limit('a')], lastChange: { by: '1002', at: 3 } });
  expect(again.blocked.words.findIn(['a f o x'])).toBe('fox');
  await settings.undo('2000', { by: '1002', at: 4 });
  expect(settings.known('2000')?.rules).toEqual({ ...noRules, roles: ['7'], cooldown: 60 });
});

test('a change that changes nothing is no change that could be taken back', async () => {
  const settings = new GuildSettings(storeOf());
  await settings.changeRules('2000', { by: '1000', at: 1 }, { cooldown: 60 });
  await settings.changeRules('2000', { by: '1000', at: 2 }, { cooldown: 60, timeZone: 'UTC' });
  await settings.undo('2000', { by: '1000', at: 3 });
  expect(settings.known('2000')?.rules.cooldown).toBe(0);
});

test('to begin anew takes the place of a record that cannot be read, of which a copy is kept', async () => {
  const store = storeOf();
  await store.set('guild:2000', { v: 1, rules: { maxFlows: 'many' } });
  const settings = new GuildSettings(store);
  await expect(settings.of('2000')).rejects.toThrow(BrokenRecord);
  await settings.startAnew('2000');
  expect((await new GuildSettings(store).of('2000')).rules).toEqual(noRules);
  expect(await store.get('aside:guild:2000', z.unknown())).toEqual({ v: 1, rules: { maxFlows: 'many' } });
});
