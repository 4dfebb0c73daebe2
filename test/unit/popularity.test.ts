import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { Popularity } from '../../src/state/popularity.ts';
import { Store } from '../../src/state/store.ts';
import { ManualClock } from '../manualClock.ts';

function startCounting() {
  const disk = new Map<string, unknown>();
  const log = createLogger('silent');
  const store = new Store(new Keyv({ store: disk, throwOnErrors: true }), log);
  const clock = new ManualClock();
  const stored = (guild: string) => new Popularity(store, clock, log).of(guild).then((counts) => [...counts]);
  return { store, clock, stored, popularity: new Popularity(store, clock, log) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('uses are written a minute after the first of them, all servers at once; what failed with the next one', async () => {
  const { store, clock, stored, popularity } = startCounting();
  const { setAll } = store;
  const writes: number[] = [];
  store.setAll = async (records) => {
    writes.push(records.length);
    if (writes.length === 1) throw new Error('away');
    return setAll.call(store, records);
  };
  for (const guild of ['2000', '2000', '2001']) await popularity.count(guild, 'a-model');
  expect(writes).toEqual([]);
  clock.moveTo(clock.time + 60_000);
  await settled();
  expect([writes, await stored('2000')]).toEqual([[2], []]);
  await popularity.count('2001', 'a-model');
  clock.moveTo(clock.time + 60_000);
  await settled();
  expect([writes, await stored('2000'), await stored('2001')]).toEqual([[2, 2], [['a-model', 2]], [['a-model', 2]]]);
});

test('forgotten before it was written, it is not written any more', async () => {
  const { stored, popularity } = startCounting();
  await popularity.count('1000', 'a-model');
  const forgotten = popularity.forget('1000');
  await popularity.write();
  await forgotten;
  await popularity.write();
  expect(await stored('1000')).toEqual([]);
});
