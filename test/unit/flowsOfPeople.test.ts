import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { FlowsOfPeople } from '../../src/state/flowsOfPeople.ts';
import { Store } from '../../src/state/store.ts';
import { someFlow } from '../flows.ts';
import { recordsOn } from '../records.ts';

test('flows that an earlier process has listed are not listed again, on whichever shelf they are', async () => {
  const records = new Map<string, unknown>();
  const begin = () => new FlowsOfPeople(new Store(new Keyv({ store: records }), createLogger('silent')));
  const ids = Array.from({ length: 120 }, (_, index) => `flow${index}`);
  const first = begin();
  for (const id of ids) await first.add('7', '2000', id);
  const before = JSON.stringify([...records]);
  const second = begin();
  for (const id of ids) await second.add('7', '2000', id);
  expect(JSON.stringify([...records])).toBe(before);
  expect(await second.list('7', '2000')).toEqual(ids);
  await second.add('7', '2000', 'another');
  expect(await second.list('7', '2000')).toEqual([...ids, 'another']);
});

test('a process that is killed before a new flow is kept leaves no list of its person, which nobody would find', async () => {
  const written: string[] = [];
  const store = new Store(new Keyv({ store: new Map() }), createLogger('silent'));
  const setAll = store.setAll.bind(store);
  store.setAll = async (records) => {
    const keys = records.map(([key]) => key);
    if (keys.some((key) => key.startsWith('flow:'))) throw new Error('killed');
    written.push(...keys);
    return setAll(records);
  };
  const records = recordsOn(store);
  await expect(records.save(someFlow({ stage: 'quoting' }))).rejects.toThrow('killed');
  expect(written.filter((key) => key.startsWith('person:'))).toEqual([]);
});

test('after a start, flows of one person that are listed already are written at the same time, not one after another', async () => {
  const records = new Map<string, unknown>();
  const begin = () => new FlowsOfPeople(new Store(new Keyv({ store: records }), createLogger('silent')));
  const ids = ['one', 'two', 'three'];
  const first = begin();
  for (const id of ids) await first.add('7', '2000', id);
  let underWay = 0;
  let most = 0;
  const write = async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
  };
  const second = begin();
  await Promise.all(ids.map((id) => second.add('7', '2000', id, write)));
  expect(most).toBe(3);
});
