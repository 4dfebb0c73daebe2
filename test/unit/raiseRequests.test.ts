import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import type { Limit } from '../../src/guilds/limits.ts';
import { RaiseRequests } from '../../src/guilds/raiseRequests.ts';
import { GuildSettings } from '../../src/guilds/settings.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';

const limit: Limit = { id: 'server.week', credits: 10, per: 'week', scope: 'server', target: null, label: '' };
const asked = { guild: '2000', flow: 'k3f9abcd', requester: '1000', limit: limit.id, credits: 10, by: 4, at: 0 };
const yes = { manager: '1001', isYes: true, at: 1 };

/** A server with one limit, which Ada asked to raise. */
async function someRequest(records = new Map<string, unknown>()) {
  const store = new Store(new Keyv({ store: records, throwOnErrors: true }), createLogger('silent'));
  const settings = new GuildSettings(store);
  const requests = new RaiseRequests(store, settings);
  await settings.setLimit('2000', limit);
  await requests.ask(asked);
  const left = async () => (await settings.of('2000')).limits.map(({ credits }) => credits);
  return { requests, settings, store, left };
}

test('a limit is raised once, by what was asked', async () => {
  const { requests, left } = await someRequest();
  const answers = await Promise.all([1, 2, 3].map(() => requests.answer('k3f9abcd', '2000', yes)));
  expect(answers.map(({ is }) => is)).toEqual(['raised', 'answeredBefore', 'answeredBefore']);
  expect(await left()).toEqual([14]);
});

test('cut off after the limit was raised, another press raises nothing more', async () => {
  const { requests, settings, left } = await someRequest();
  await settings.raiseLimit('2000', limit.id, 10, 4);
  expect((await requests.answer('k3f9abcd', '2000', yes)).is).toBe('raisedBefore');
  expect(await left()).toEqual([14]);
});

test('of two requests about one limit the second is told what it was raised to', async () => {
  const { requests, left } = await someRequest();
  await requests.ask({ ...asked, flow: 'k3f9abce', requester: '1002', by: 2 });
  expect((await requests.answer('k3f9abcd', '2000', yes)).is).toBe('raised');
  const second = await requests.answer('k3f9abce', '2000', yes);
  expect(second).toMatchObject({ is: 'raisedBefore', limit: { credits: 14 }, request: { requester: '1002' } });
  expect(await left()).toEqual([14]);
});

test('another server’s managers do not know of it', async () => {
  const { requests, left } = await someRequest();
  expect((await requests.answer('k3f9abcd', '2001', yes)).is).toBe('unknown');
  expect((await requests.answer('k3f9abce', '2000', yes)).is).toBe('unknown');
  expect(await left()).toEqual([10]);
});

test('one whose message never came to be is asked again after a minute; one that was posted is not', async () => {
  const { requests } = await someRequest();
  expect(await requests.ask({ ...asked, at: 59_999 })).toMatchObject({ at: 0 });
  expect(await requests.ask({ ...asked, at: 60_000 })).toBeUndefined();
  await requests.posted('k3f9abcd', { channel: '3000', message: '4000' });
  expect(await requests.ask({ ...asked, at: 600_000 })).toMatchObject({ at: 60_000, message: { message: '4000' } });
});
