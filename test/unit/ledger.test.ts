import fc from 'fast-check';
import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { change } from '../../src/flows/change.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { cents, type Run } from '../../src/flows/runs.ts';
import { step } from '../../src/flows/step.ts';
import { countedIn, entriesOf, spendOf } from '../../src/guilds/entries.ts';
import { Ledger, monthOf } from '../../src/guilds/ledger.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
import { runWithJob, someEntry, someFlow, someModel } from '../flows.ts';

const at = Date.UTC(2026, 10, 26);
const run = (state: Exclude<Run['state'], 'job'>, credits: number | null = 7): Run => ({
  model: someModel.id,
  seed: null,
  credits,
  call: 1,
  state,
});
const flowWith = (stage: Flow['stage'], runs: Run[], charged: number | null = null) =>
  someFlow({ stage, runs, money: { heldAt: at, charged } });
const states = (flow: Flow) => entriesOf(flow).map(({ state, credits }) => [state, credits]);

test('a flow that has held nothing has no entries', () => {
  expect(entriesOf(someFlow({ stage: 'cancelled' }))).toEqual([]);
  expect(entriesOf(someFlow({ stage: 'queued' }))).toEqual([]);
  expect(spendOf(someFlow({ stage: 'queued' }))).toBeUndefined();
});

test('back in line after a refusal it holds nothing, although it did', () => {
  expect(spendOf(flowWith('queued', [run('waiting')]))?.credits).toBe(0);
});

test('an entry names flow, run, person, channel, model, account, job, credits and time, and no roles', () => {
  const flow = change(flowWith('delivered', [runWithJob('job-1', { status: 'completed' })], 7), {
    spender: { roles: ['900'], channel: '3001' },
  });
  expect(entriesOf(flow)).toEqual([
    {
      v: 1,
      flow: flow.id,
      run: 0,
      person: '1000',
      // Of a thread, the channel it belongs to.
      channel: '3001',
      recipe: 'image',
      model: 'some-model',
      account: 'default',
      job: 'job-1',
      credits: 7,
      at,
      state: 'settled',
    },
  ]);
});

test('while a flow is open, what may still be charged is held: also what waits for its turn, and what is unclear', () => {
  const runs = [runWithJob('a'), runWithJob('b', { status: 'failed', charged: 0 }), run('unclear'), run('waiting')];
  expect(states(flowWith('running', runs))).toEqual([
    ['held', 7],
    ['released', 7],
    ['held', 7],
    ['held', 7],
  ]);
});

test('what a flow that has ended came to', () => {
  const completed = runWithJob('a', { status: 'completed' });
  const failed = (charged: number | null) => runWithJob('b', { status: 'failed', charged });
  expect(states(flowWith('delivered', [completed, failed(0), failed(3), failed(null)]))).toEqual([
    ['settled', 7],
    ['released', 7],
    // Failed, but charged.
    ['settled', 3],
    // The platform did not say.
    ['unclear', 7],
  ]);
  expect(states(flowWith('unclear', [run('unclear'), run('refused'), runWithJob('c')]))).toEqual([
    ['unclear', 7],
    ['released', 7],
    ['unclear', 7],
  ]);
  expect(states(flowWith('failed', [run('refused'), run('waiting')]))).toEqual([
    ['released', 7],
    ['released', 7],
  ]);
});

test('one job for several runs: they stand or fall with it', () => {
  const shared = [run('shared'), run('shared')];
  expect(states(flowWith('delivered', [runWithJob('a', { status: 'completed' }), ...shared], 15))).toEqual([
    ['settled', 5],
    ['settled', 5],
    ['settled', 5],
  ]);
  expect(states(flowWith('failed', [runWithJob('a', { status: 'failed', charged: 0 }), ...shared], 0))).toEqual([
    ['released', 7],
    ['released', 7],
    ['released', 7],
  ]);
});

test('where the platform said what it took, the entries add up to that, and to what is unclear', () => {
  const credits = fc.integer({ min: 0, max: 2000 }).map((all) => all / 100);
  const job = fc
    .record({
      credits: fc.option(credits),
      charged: fc.option(credits),
      status: fc.constantFrom('completed', 'failed'),
    })
    .map(({ credits, charged, status }): Run => ({ ...runWithJob('a', { status, charged }), credits }));
  const other = fc.constantFrom(run('shared'), run('unclear'), run('refused'), run('shared', null));
  fc.assert(
    fc.property(fc.array(job, { minLength: 1 }), fc.array(other), credits, (jobs, others, charged) => {
      const unclear = others.filter(({ state }) => state === 'unclear').length * 7;
      const entries = entriesOf(flowWith('delivered', [...jobs, ...others], charged));
      expect(countedIn(entries)).toBe(cents(charged + unclear));
    }),
  );
});

test('what was read of each job is its own entry: a price may move between two starts', () => {
  const runs = ['job-1', 'job-2'].map((id) => ({ ...runWithJob(id, { status: 'completed' as const }), credits: 5 }));
  const flow = someFlow({ stage: 'delivering', runs, money: { heldAt: 1_000 } });
  const charges = { 'job-1': 5, 'job-2': 6 };
  const posted = { type: 'posted' as const, card: flow.card, results: [], replies: [], charged: 11, charges };
  const entries = entriesOf(step(flow, posted, 2_000).flow);
  expect(entries.map(({ job, credits, state }) => [job, credits, state])).toEqual([
    ['job-1', 5, 'settled'],
    ['job-2', 6, 'settled'],
  ]);
});

test('a flow of an earlier version counts from the moment of its start', () => {
  const flow = someFlow({ stage: 'running', runs: [runWithJob('a')], wait: { submittedAt: 5 } });
  expect(spendOf(flow)).toMatchObject({ at: 5, credits: 7 });
});

function startLedger() {
  const records = new Map<string, unknown>();
  const log = createLogger('silent');
  const store = new Store(new Keyv({ store: records, throwOnErrors: true }), log);
  return { store, ledger: new Ledger(store, log), records };
}

test('written again, a flow has its entries once, as they are now', async () => {
  const { ledger } = startLedger();
  await ledger.settle('2000', [someEntry({ state: 'unclear' }), someEntry({ run: 1 })]);
  await ledger.settle('2000', [someEntry(), someEntry({ run: 1 })]);
  expect(await ledger.read('2000', '2026-11')).toEqual([someEntry(), someEntry({ run: 1 })]);
  expect(await ledger.read('2000', '2026-10')).toEqual([]);
  expect(await ledger.read('2001', '2026-11')).toEqual([]);
});

test('what is held is not written', async () => {
  const { ledger, records } = startLedger();
  await ledger.settle('2000', [{ ...someEntry(), state: 'held' }]);
  expect(records.size).toBe(0);
});

test('a flow started again later has the entries of both starts', async () => {
  const { ledger } = startLedger();
  await ledger.settle('2000', [someEntry({ state: 'unclear' })]);
  await ledger.settle('2000', [someEntry({ at: at + 1 })]);
  expect(countedIn(await ledger.read('2000', '2026-11'))).toBe(14);
});

test('many entries, written at the same time and some of them again much later, are all found once', async () => {
  const { ledger } = startLedger();
  const flows = Array.from({ length: 120 }, (_, index) => `flow${index}`);
  await Promise.all(flows.map((flow) => ledger.settle('2000', [someEntry({ flow }), someEntry({ flow, run: 1 })])));
  await Promise.all(flows.slice(0, 10).map((flow) => ledger.settle('2000', [someEntry({ flow, credits: 1 })])));
  const found = await ledger.read('2000', '2026-11');
  expect(found).toHaveLength(240);
  expect(countedIn(found)).toBe(240 * 7 - 10 * 6);
});

test('killed before or after it is written: written once more, it is whole', async () => {
  for (const isWritten of [false, true]) {
    const { store, ledger } = startLedger();
    await ledger.settle('2000', [someEntry({ flow: 'before' })]);
    const { setAll } = store;
    store.setAll = async (records) => {
      if (isWritten) await setAll.call(store, records);
      throw new Error('killed');
    };
    await expect(ledger.settle('2000', [someEntry(), someEntry({ run: 1 })])).rejects.toThrow('killed');
    store.setAll = setAll;
    expect(await ledger.read('2000', '2026-11')).toHaveLength(isWritten ? 3 : 1);
    await ledger.settle('2000', [someEntry(), someEntry({ run: 1 })]);
    expect(await ledger.read('2000', '2026-11')).toHaveLength(3);
  }
});

test('an entry that cannot be read is set aside and told; the others count', async () => {
  const { store, ledger, records } = startLedger();
  await ledger.settle('2000', [someEntry(), someEntry({ run: 1 })]);
  const key = [...records.keys()].find((name) => name.endsWith('-1'))?.replace('keyv:', '') ?? '';
  await store.set(key, { v: 'odd' });
  expect(await ledger.read('2000', '2026-11')).toEqual([someEntry()]);
});

test('a month is one by UTC', () => {
  expect(monthOf(Date.UTC(2026, 10, 30, 23, 59))).toBe('2026-11');
  expect(monthOf(Date.UTC(2026, 11, 1))).toBe('2026-12');
});
