import { EventEmitter } from 'node:events';
import { Keyv, type KeyvEntry, type KeyvStoreAdapter } from 'keyv';
import { expect, onTestFinished, test, vi } from 'vitest';
import { change } from '../../src/flows/change.ts';
import { Ledger, monthOf } from '../../src/guilds/ledger.ts';
import { createLogger } from '../../src/log.ts';
import { History } from '../../src/state/history.ts';
import { Store, storeOn } from '../../src/state/store.ts';
import { runWithJob, someFlow } from '../flows.ts';
import { recordsOn } from '../records.ts';

const at = Date.UTC(2026, 10, 26);
const running = someFlow({ stage: 'running', runs: [runWithJob('job-1')], money: { heldAt: at } });
const delivered = change(running, {
  stage: 'delivered',
  runs: [runWithJob('job-1', { status: 'completed' })],
  money: { charged: 7 },
});

/** The records of a process; what an earlier one has stored is still there. */
function startRecords(stored = new Map<string, unknown>()) {
  const log = createLogger('silent');
  const store = new Store(new Keyv({ store: stored, throwOnErrors: true }), log);
  const ledger = new Ledger(store, log);
  return {
    records: recordsOn(store, ledger),
    ledger,
    stored,
  };
}

test('a flow is in the ledger by the time it leaves the list of open ones', async () => {
  const { records, ledger } = startRecords();
  await records.save(running);
  expect(await ledger.read('2000', monthOf(at))).toEqual([]);
  await records.save(delivered);
  expect(await ledger.read('2000', monthOf(at))).toMatchObject([{ flow: running.id, credits: 7, state: 'settled' }]);
  expect(await records.openIn('2000')).toEqual([]);
});

test('ended, but not in the ledger, as earlier versions could be killed: the next start finds it on the list and writes it', async () => {
  const first = startRecords();
  await first.records.save(running);
  await first.records.rewrite(delivered);

  const second = startRecords(first.stored);
  expect(await second.records.openIn('2000')).toEqual([running.id]);
  await second.records.close(running.id);
  expect(await second.ledger.read('2000', monthOf(at))).toMatchObject([{ credits: 7, state: 'settled' }]);
  expect(await second.records.openIn('2000')).toEqual([]);
});

test('an end that is not on its card yet is in the ledger already', async () => {
  const { records, ledger } = startRecords();
  await records.save(running);
  await records.save(change(running, { stage: 'unclear', runs: [runWithJob('job-1')] }));
  expect(await ledger.read('2000', monthOf(at))).toMatchObject([{ credits: 7, state: 'unclear' }]);
  expect(await records.openIn('2000')).toEqual([running.id]);
});

test('a DM has no ledger', async () => {
  const { records, stored } = startRecords();
  await records.save(change(delivered, { guild: null }));
  expect([...stored.keys()].filter((key) => key.includes('ledger'))).toEqual([]);
});

test('an end whose write is given up but lands is in the history all the same, whatever is done to the history meanwhile', async () => {
  const disk = new Map<string, string>();
  let landing = Promise.resolve();
  const put = async (entries: readonly KeyvEntry[]) => {
    await landing;
    for (const { key, value } of entries) disk.set(key, String(value));
  };
  const adapter: KeyvStoreAdapter = Object.assign(new EventEmitter(), {
    opts: {},
    get: async <Value>(key: string) => disk.get(key) as Value | undefined,
    set: (key: string, value: unknown) => put([{ key, value }]),
    setMany: put,
    delete: async (key: string) => disk.delete(key),
    clear: async () => disk.clear(),
  });
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const store = storeOn(adapter, createLogger('silent'));
  const [records, history] = [recordsOn(store), new History(store)];
  const flowOf = (id: string) => change(running, { id, stage: 'delivering' });
  const save = (id: string, stage: 'delivering' | 'delivered') =>
    records.save(change(flowOf(id), { stage, endedAt: stage === 'delivered' ? at : null }));
  await save('other', 'delivering');
  await save('other', 'delivered');
  await records.during('flow', async () => {
    await save('flow', 'delivering');
    let land = () => {};
    landing = new Promise((resolve) => {
      land = resolve;
    });
    const given = save('flow', 'delivered');
    given.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(3_000);
    await expect(given).rejects.toThrow('no answer');
    const deleted = history.markDeleted('2000', 'other');
    await vi.advanceTimersByTimeAsync(10);
    landing = Promise.resolve();
    land();
    await deleted;
    await save('flow', 'delivered');
  });
  const { entries } = await history.list('2000', () => true, 0, 10);
  expect(entries.map(({ flow, deleted }) => [flow, deleted])).toEqual([
    ['flow', false],
    ['other', true],
  ]);
  expect(await records.openIn('2000')).toEqual([]);
});

test('a flow that is on no list any more, because the store was emptied, is in the history once it is delivered', async () => {
  const { records, stored } = startRecords();
  await records.during(running.id, async () => {
    await records.rewrite(running);
    await records.save(delivered);
  });
  expect([...stored.keys()].filter((key) => key.includes(':made'))).toHaveLength(1);
});

test.each(['person:1000:flows:2000', 'guild:2000:ledger:2026-11:shelves:0', 'guild:2000:made:0'])(
  'a list that cannot be read any more (%s) keeps nothing of a flow from being written',
  async (key) => {
    const stored = new Map<string, unknown>([[`keyv:${key}`, '{"value":{"lost":true}}']]);
    const { records } = startRecords(stored);
    await records.during(running.id, async () => {
      await records.save(running);
      expect(await records.openIn('2000')).toEqual([running.id]);
      await records.save(delivered);
    });
    expect((await startRecords(stored).records.load(running.id))?.stage).toBe('delivered');
  },
);

test('a result is in the history at once, also where approvers are still to see what became of their message', async () => {
  const { records, stored } = startRecords();
  const asked = { asks: 1, version: 2, drawn: 1, message: { channel: '3000', message: '9' } };
  const flow = change(running, { approval: asked });
  const made = () => [...stored].filter(([key]) => key.includes(':made')).map(([, text]) => String(text));
  await records.during(flow.id, async () => {
    await records.save(flow);
    await records.save(change(delivered, { approval: asked }));
    expect(await records.openIn('2000')).toEqual([flow.id]);
    expect(made()).toHaveLength(1);
    await records.save(change(delivered, { approval: { ...asked, drawn: 2 } }));
  });
  expect(await records.openIn('2000')).toEqual([]);
  expect(made().join('').split(`"flow":"${flow.id}"`)).toHaveLength(2);
});
