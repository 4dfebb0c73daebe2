import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { change } from '../../src/flows/change.ts';
import { Ledger, monthOf } from '../../src/guilds/ledger.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
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
