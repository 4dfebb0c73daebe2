import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Ledger } from '../../src/guilds/ledger.ts';
import { createLogger } from '../../src/log.ts';
import { FlowsOfPeople } from '../../src/state/flowsOfPeople.ts';
import { Shelves } from '../../src/state/shelves.ts';
import { Store } from '../../src/state/store.ts';
import { someEntry } from '../flows.ts';

const schema = z.object({ flow: z.string(), at: z.number() });

/** A disk that counts, and whose next writes fail: before or after they took place. */
class Disk extends Map<string, unknown> {
  reads = 0;
  writes = 0;
  failing: 'before' | 'after' | undefined;

  override get(key: string): unknown {
    this.reads++;
    return super.get(key);
  }

  override set(key: string, value: unknown): this {
    this.writes++;
    if (this.failing === 'before') throw new Error('away');
    super.set(key, value);
    if (this.failing === 'after') throw new Error('no answer');
    return this;
  }
}

const log = createLogger('silent');
const storeOn = (disk: Disk) => new Store(new Keyv({ store: disk, throwOnErrors: true }), log);
const startOn = (disk: Disk, store = storeOn(disk)) => new Shelves(store, 'made', schema);

const flowsOf = async (shelves: Shelves<z.infer<typeof schema>>): Promise<string[]> => {
  const flows: string[] = [];
  for (let index = 0; index <= (await shelves.last('2000')); index++)
    flows.push(...(await shelves.read('2000', index)).map(({ flow }) => flow));
  return flows;
};

const names = Array.from({ length: 120 }, (_, index) => `flow${index}`);

test('entries are found in their order, each once, also by a process that begins later', async () => {
  const disk = new Disk();
  const first = startOn(disk);
  for (const flow of names) {
    await first.add('2000', { flow, at: 1 });
    await first.add('2000', { flow, at: 2 });
  }
  expect(await flowsOf(first)).toEqual(names);
  const second = startOn(disk);
  await second.add('2000', { flow: 'flow119', at: 3 });
  await second.add('2000', { flow: 'another', at: 3 });
  expect(await flowsOf(second)).toEqual([...names, 'another']);
  // Whoever lists them sees what another process has written.
  expect(await flowsOf(first)).toEqual([...names, 'another']);
});

test('another entry is one write, and nothing is read for it', async () => {
  const disk = new Disk();
  const shelves = startOn(disk);
  await shelves.add('2000', { flow: 'flow0', at: 1 });
  const { reads, writes } = disk;
  await shelves.add('2000', { flow: 'flow1', at: 1 });
  expect([disk.reads - reads, disk.writes - writes]).toEqual([0, 1]);
});

test.each([50, 51])(
  'a list whose entries an earlier version counted one by one goes on (%i of them)',
  async (count) => {
    const disk = new Disk();
    const before = startOn(disk);
    const earlier = names.slice(0, count);
    for (const flow of earlier) await before.add('2000', { flow, at: 1 });
    const store = storeOn(disk);
    await store.set('guild:2000:made', { v: 1, count });
    const shelves = startOn(disk);
    await shelves.add('2000', { flow: `flow${count - 1}`, at: 2 });
    await shelves.add('2000', { flow: 'another', at: 2 });
    expect(await flowsOf(shelves)).toEqual([...earlier, 'another']);
  },
);

test.each(['before', 'after'] as const)(
  'a write that failed (%s it took place) is made again and lists nothing twice',
  async (failing) => {
    const disk = new Disk();
    const shelves = startOn(disk);
    for (const flow of names.slice(0, 50)) await shelves.add('2000', { flow, at: 1 });
    disk.failing = failing;
    await expect(shelves.add('2000', { flow: 'late', at: 1 })).rejects.toThrow();
    await expect(shelves.add('2000', { flow: 'late', at: 1 })).rejects.toThrow();
    disk.failing = undefined;
    await shelves.add('2000', { flow: 'late', at: 1 });
    expect(await flowsOf(shelves)).toEqual([...names.slice(0, 50), 'late']);
  },
);

test('what was removed is no longer known either', async () => {
  const shelves = startOn(new Disk());
  for (const flow of names) await shelves.add('2000', { flow, at: 1 });
  await shelves.remove('2000');
  await shelves.add('2000', { flow: 'new', at: 1 });
  expect(await flowsOf(shelves)).toEqual(['new']);
});

test.each([49, 50, 51])(
  'a store that has lost its latest writes after %i entries: no entry that is there is written over, in any list',
  async (kept) => {
    const disk = new Disk();
    const store = storeOn(disk);
    const [made, ledger, people] = [startOn(disk, store), new Ledger(store, log), new FlowsOfPeople(store)];
    const add = async (flow: string) => {
      await made.add('2000', { flow, at: 1 });
      await ledger.settle('2000', [someEntry({ flow })]);
      await people.add('1000', '2000', flow);
    };
    for (const flow of names.slice(0, kept)) await add(flow);
    const before = [...disk];
    for (const flow of names.slice(kept, 52)) await add(flow);
    // Another machine takes over, which had not heard of these.
    disk.clear();
    for (const [key, value] of before) disk.set(key, value);
    store.noteTrouble();
    await add('late');
    const all = [...names.slice(0, kept), 'late'];
    expect(await flowsOf(startOn(disk))).toEqual(all);
    expect(await new FlowsOfPeople(store).list('1000', '2000')).toEqual(all);
    const settled = await new Ledger(store, log).read('2000', '2026-11');
    expect(settled.map(({ flow }) => flow).sort()).toEqual([...all].sort());
  },
);

test('the number of the shelf is lost, and the shelf is there: its entries stay', async () => {
  const disk = new Disk();
  const store = storeOn(disk);
  const [made, ledger] = [startOn(disk, store), new Ledger(store, log)];
  for (const flow of names.slice(0, 55)) {
    await made.add('2000', { flow, at: 1 });
    await ledger.settle('2000', [someEntry({ flow })]);
  }
  await store.delete('guild:2000:made');
  await store.delete('guild:2000:ledger:2026-11:shelves');
  store.noteTrouble();
  await made.add('2000', { flow: 'late', at: 1 });
  await ledger.settle('2000', [someEntry({ flow: 'late' })]);
  expect(await flowsOf(startOn(disk))).toEqual([...names.slice(0, 55), 'late']);
  expect(await new Ledger(store, log).read('2000', '2026-11')).toHaveLength(56);
});
