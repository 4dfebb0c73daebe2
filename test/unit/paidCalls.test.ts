import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { Accounts } from '../../src/accounts/accounts.ts';
import { AccountRecords } from '../../src/accounts/records.ts';
import { Seal } from '../../src/accounts/seal.ts';
import { PaidCalls } from '../../src/engine/paidCalls.ts';
import type { Event } from '../../src/flows/events.ts';
import { withState } from '../../src/flows/runs.ts';
import { ReadQueue } from '../../src/kubeez/budget.ts';
import { Connection } from '../../src/kubeez/connection.ts';
import { Kubeez } from '../../src/kubeez/kubeez.ts';
import { createLogger } from '../../src/log.ts';
import { Secrets } from '../../src/secrets.ts';
import { Popularity } from '../../src/state/popularity.ts';
import { Store } from '../../src/state/store.ts';
import { someFlow } from '../flows.ts';

const log = createLogger('silent');
const clock = { now: () => 1000, wakeAt: () => () => {} };
const account = 'person-1000';
const ada = { id: '1000', name: 'Ada' };

/** The paid calls of a process, what they told of, and the tokens with which the platform was asked for anything. */
function startProcess() {
  const store = new Store(new Keyv({ store: new Map(), throwOnErrors: true }), log);
  const asked: string[] = [];
  const accounts = new Accounts({
    token: undefined,
    records: new AccountRecords(store, new Seal([Buffer.alloc(32)]), new Secrets()),
    oauth: undefined,
    make: (signIn) => {
      const fetch = async (_: string | URL, request?: RequestInit) => {
        asked.push(new Headers(request?.headers).get('authorization') ?? '');
        return new Response('', { status: 422 });
      };
      const wide = { cap: 1000, interval: 1000 };
      const reads = new ReadQueue({ all: wide, asking: wide, watching: wide });
      const connection = new Connection({
        url: 'http://127.0.0.1:9/mcp',
        signIn,
        isListening: false,
        log,
        now: clock.now,
        fetch,
      });
      return new Kubeez(connection, reads, 'https://media.example', log);
    },
    allowsOwn: async () => true,
    prefersOwn: async () => true,
    warn: async () => {},
    log,
  });
  const told: Event[] = [];
  const records = { claim: () => {}, claimedBy: async () => undefined };
  const calls = new PaidCalls({ accounts, records, popularity: new Popularity(store, clock, log), clock }, (_, event) =>
    told.push(event),
  );
  return { accounts, calls, told, asked };
}

const flow = someFlow({ account, connectedAt: 1, stage: 'submitting', runs: withState(someFlow().runs, {}, 'begun') });

test('a start goes out with the connection by which its price was read', async () => {
  const { accounts, calls, asked } = startProcess();
  await accounts.connect(account, ada, { token: 'first-token' }, 1);
  await calls.submit(flow, 1, log);
  expect(new Set(asked)).toEqual(new Set(['Bearer first-token']));
});

test.each<[string, (accounts: Accounts) => Promise<unknown>]>([
  ['another account is in its place', (accounts) => accounts.connect(account, ada, { token: 'second-token' }, 2)],
  ['it was disconnected', (accounts) => accounts.disconnect(account)],
])('nothing goes out where %s: the price is to be read again', async (_, change) => {
  const { accounts, calls, told, asked } = startProcess();
  await accounts.connect(account, ada, { token: 'first-token' }, 1);
  await change(accounts);
  await calls.submit(flow, 1, log);
  expect(asked).toEqual([]);
  expect(told).toMatchObject([{ type: 'submitRefused', call: 1, again: true, reason: { code: 'unauthorized' } }]);
});
