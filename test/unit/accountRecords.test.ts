import { randomBytes } from 'node:crypto';
import Keyv from 'keyv';
import { expect, test } from 'vitest';
import { AccountRecords } from '../../src/accounts/records.ts';
import { Seal } from '../../src/accounts/seal.ts';
import { createLogger } from '../../src/log.ts';
import { Secrets } from '../../src/secrets.ts';
import { Store } from '../../src/state/store.ts';

const account = (at: number) => ({ by: 'ada', byName: 'Ada', at, isRefused: false, secret: { token: `token-${at}` } });

test('a refusal of one account is not noted over another that is connected at the same moment', async () => {
  const store = new Store(new Keyv({ throwOnErrors: true }), createLogger('silent'));
  const records = new AccountRecords(store, new Seal([randomBytes(32)]), new Secrets());
  await records.save('guild', account(1));
  await Promise.all([records.save('guild', account(2)), records.change('guild', 1, { isRefused: true })]);
  expect(await records.load('guild')).toEqual(account(2));
  await Promise.all([records.change('guild', 2, { isRefused: true }), records.save('guild', account(3))]);
  expect(await records.load('guild')).toEqual(account(3));
});
