import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import KeyvRedis from '@keyv/redis';
import fc from 'fast-check';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import Database from 'libsql';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../../src/log.ts';
import { everyShard, type Lease, StartRefused, takeLease, type WantedShards } from '../../src/state/lease.ts';
import { OpenFlows } from '../../src/state/openFlows.ts';
import { RedisLease } from '../../src/state/redisLease.ts';
import { Servers } from '../../src/state/servers.ts';
import { SqliteStore } from '../../src/state/sqlite.ts';
import { SqliteLease } from '../../src/state/sqliteLease.ts';
import { BrokenRecord, openStore, type Store, storeOn } from '../../src/state/store.ts';
import { hasRedis, startRedis, stopRedisAfterEach } from '../redisServer.ts';

/** A store of one kind, as the tests below need it. */
interface Kind {
  stateUrl: string;
  /** What Keyv writes to. */
  adapter(): KeyvStoreAdapter;
  /** A lease that nobody has taken yet; of every shard when left out. */
  lease(shards?: WantedShards, onLost?: () => void): Lease;
  /** Takes away what says who has the lease. */
  loseLeases(): void;
  /** From now on no record but this one may be written. */
  allowOnly(key: string): void;
  /** The store cannot be reached any more. */
  goAway(store: Store): Promise<void>;
}

const log = createLogger('silent');
const schema = z.object({ v: z.literal(1), name: z.string() });
const named = (name: string) => ({ v: 1, name });

function sqlite(): Kind {
  const folder = mkdtempSync(join(tmpdir(), 'kubeez-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'bot.db');
  return {
    stateUrl: `sqlite:${file}`,
    adapter: () => new SqliteStore(file),
    lease: (shards = everyShard, onLost = () => {}) => new SqliteLease(file, shards, onLost),
    loseLeases: () => rmSync(`${file}.lock`),
    allowOnly(key) {
      const other = new Database(file);
      other.exec(
        `CREATE TRIGGER no BEFORE INSERT ON records WHEN NEW.key NOT LIKE '%${key}' BEGIN SELECT RAISE(ABORT, 'no'); END`,
      );
      other.close();
    },
    goAway: (store) => store.close(),
  };
}

async function redis(): Promise<Kind> {
  const server = await startRedis();
  return {
    stateUrl: server.url,
    adapter: () => new KeyvRedis(server.url, { throwOnErrors: true }),
    lease: (shards = everyShard, onLost = () => {}) => new RedisLease({ url: server.url, shards, log, onLost }),
    loseLeases: () => void server.ask('DEL', 'kubeez:leases'),
    allowOnly: (key) => void server.ask('ACL', 'SETUSER', 'default', 'resetkeys', '%R~*', `%W~*${key}`),
    goAway: () => server.stop(),
  };
}

stopRedisAfterEach();

const some = (count: number, ...ids: number[]): WantedShards => ({ ids, count, isOneEnough: false });

/** Whatever keeps the records has to do this. */
describe.each(['sqlite', 'redis'] as const)('a store on %s', (name) => {
  if (name === 'redis' && !hasRedis) {
    test.skip('needs redis-server (Debian: redis-server)', () => {});
    return;
  }
  let kind: Kind;
  let store: Store;

  /** Opens it once more; it is closed with the test. */
  const open = async (lease?: Lease) => {
    const opened = await openStore(kind.stateUrl, log, lease);
    onTestFinished(() => opened.close().catch(() => undefined));
    return opened;
  };
  const take = async (shards?: WantedShards, onLost?: () => void) => {
    const lease = kind.lease(shards, onLost);
    onTestFinished(() => lease.release());
    return { lease, ids: (await lease.take())?.ids };
  };

  beforeEach(async () => {
    kind = name === 'sqlite' ? sqlite() : await redis();
    store = await open();
  });

  test('what was written is read back, also after it was opened anew, until it is deleted', async () => {
    expect(await store.get('flow:a', schema)).toBeUndefined();
    await store.set('flow:a', named('ä fox 🦊'));
    await store.close();
    const again = await open();
    expect(await again.get('flow:a', schema)).toEqual(named('ä fox 🦊'));
    await again.delete('flow:a');
    await again.delete('flow:a');
    expect(await again.get('flow:a', schema)).toBeUndefined();
  });

  test('of writes that are asked for at once, the one asked for last counts, of each record', async () => {
    const keys = ['flow:a', 'flow:b'];
    await Promise.all(
      Array.from({ length: 50 }, (_, turn) => keys.map((key) => store.set(key, named(`${key} ${turn}`)))).flat(),
    );
    for (const key of keys) expect(await store.get(key, schema)).toEqual(named(`${key} 49`));
    await Promise.all([store.set('flow:a', named('gone')), store.delete('flow:a')]);
    await Promise.all([store.delete('flow:b'), store.set('flow:b', named('back'))]);
    expect(await store.get('flow:a', schema)).toBeUndefined();
    expect(await store.get('flow:b', schema)).toEqual(named('back'));
  });

  test('records that are written together are read back, and each keeps its turn among other writes of it', async () => {
    await Promise.all([
      store.set('flow:a', named('first')),
      store.setAll([
        ['flow:a', named(':second')],
        ['flow:b', named('second')],
      ]),
      store.set('flow:b', named('third')),
    ]);
    const again = await open();
    expect(await again.get('flow:a', schema)).toEqual(named(':second'));
    expect(await again.get('flow:b', schema)).toEqual(named('third'));
    await store.setAll([]);
  });

  test('of records that are written together, all are there or none', async () => {
    const { lease } = await take();
    const held = await open(lease);
    await lease.release();
    const together = [
      ['flow:a', named('a')],
      ['flow:b', named('b')],
    ] as const;
    await expect(held.setAll(together)).rejects.toThrow();
    expect([await store.get('flow:a', schema), await store.get('flow:b', schema)]).toEqual([undefined, undefined]);
    kind.allowOnly('flow:a');
    await expect(store.setAll(together)).rejects.toThrow();
    expect([await store.get('flow:a', schema), await store.get('flow:b', schema)]).toEqual([undefined, undefined]);
  });

  test('a list of open flows takes many changes at once', async () => {
    const flows = new OpenFlows(store, new Servers(store));
    const ids = Array.from({ length: 50 }, (_, index) => `flow${index}`);
    await Promise.all(ids.map((id) => flows.add('guild', id)));
    await Promise.all(ids.slice(0, 40).map((id) => flows.remove('guild', id)));
    expect(await new OpenFlows(store, new Servers(store)).list('guild')).toEqual(ids.slice(40));
  });

  const text = fc.oneof(fc.string(), fc.constantFrom(':', '::', ':cat: in snow', ':base64:YQ==', 'a,":b', '[":'));
  const json = fc.letrec((tie) => ({
    record: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.constant(null), tie('record'), tie('list')),
    list: fc.array(tie('value'), { maxLength: 4 }),
  }));

  test('whatever a record says, it is written as Keyv does by itself, and each reads what the other wrote', async () => {
    const adapter = kind.adapter();
    const ours = storeOn(adapter, log);
    const theirs = new Keyv({ store: adapter, namespace: 'kubeez', throwOnErrors: true });
    await fc.assert(
      fc.asyncProperty(json.record, async (record) => {
        await ours.set('ours', Object(record));
        await theirs.set('theirs', record);
        expect(await adapter.get('kubeez:ours')).toBe(await adapter.get('kubeez:theirs'));
        expect(await ours.get('theirs', z.unknown())).toEqual(await theirs.get('ours'));
      }),
    );
    await ours.close();
  });

  test('a record that does not fit is set aside, not dropped', async () => {
    await store.set('flow:a', { v: 1, other: 'shape' });
    await expect(store.get('flow:a', schema)).rejects.toThrow(BrokenRecord);
    expect(await store.get('aside:flow:a', z.unknown())).toEqual({ v: 1, other: 'shape' });
  });

  test('what is kept for a while is gone after it, whatever else stays', async () => {
    await store.set('draft:a', named('soon gone'), 60_000);
    await store.set('flow:a', named('stays'));
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      vi.setSystemTime(Date.now() + 59_000);
      expect(await store.get('draft:a', schema)).toEqual(named('soon gone'));
      vi.setSystemTime(Date.now() + 2_000);
      expect(await store.get('draft:a', schema)).toBeUndefined();
      expect(await store.get('flow:a', schema)).toEqual(named('stays'));
    } finally {
      vi.useRealTimers();
    }
  });

  test('one that is away throws; it is not taken for an empty one', async () => {
    await store.set('flow:a', named('there'));
    await kind.goAway(store);
    const asked = [store.get('flow:a', schema), store.set('flow:a', named('new')), store.delete('flow:a')];
    for (const one of await Promise.allSettled(asked)) expect(one.status).toBe('rejected');
  });

  test('a lease is had by one alone, who holds it until it is given up', async () => {
    const [first, second] = [await take(), await take()];
    expect([first.ids, second.ids]).toEqual([[0], undefined]);
    await first.lease.assertHeld();
    expect([await first.lease.isHeld(), await second.lease.isHeld()]).toEqual([true, false]);
    await first.lease.release();
    expect(await first.lease.isHeld()).toBe(false);
    expect(await second.lease.take()).toEqual({ ids: [0], count: 1 });
    await expect(first.lease.assertHeld()).rejects.toThrow();
  });

  test('a lease that is lost is taken anew by whoever had it, unless somebody else has it by now', async () => {
    const onLost = vi.fn();
    const first = await take(everyShard, onLost);
    kind.loseLeases();
    expect(await first.lease.isHeld()).toBe(true);
    kind.loseLeases();
    expect((await take()).ids).toEqual([0]);
    expect([await first.lease.isHeld(), await first.lease.isHeld()]).toEqual([false, false]);
    await expect(first.lease.assertHeld()).rejects.toThrow('lease');
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  const any = (count: number): WantedShards => ({ ids: [...Array(count).keys()], count, isOneEnough: true });

  test('of several shards each is had by one alone; whoever has them all shares with nobody', async () => {
    const [low, high] = [await take(some(3, 0, 1)), await take(some(3, 2))];
    expect([low.ids, high.ids]).toEqual([[0, 1], [2]]);
    for (const overlapping of [some(3, 1, 2), some(3, 0, 1, 2), everyShard])
      expect((await take(overlapping)).ids).toBeUndefined();
    await low.lease.release();
    expect((await take(some(3, 1))).ids).toEqual([1]);
    expect((await take(everyShard)).ids).toBeUndefined();
  });

  test('any shard: each gets one that nobody has, keeps it, and the next one the shard that was given up', async () => {
    const fixed = await take(some(3, 1));
    const [first, second, spare] = [await take(any(3)), await take(any(3)), await take(any(3))];
    expect([first.ids, second.ids, spare.ids]).toEqual([[0], [2], undefined]);
    kind.loseLeases();
    for (const { lease } of [second, first, fixed]) expect(await lease.isHeld()).toBe(true);
    expect(await spare.lease.take()).toBeUndefined();
    await second.lease.release();
    expect(await spare.lease.take()).toEqual({ ids: [2], count: 3 });
    expect([await first.lease.isHeld(), await second.lease.isHeld(), await spare.lease.isHeld()]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('a spare waits as long as it takes, says what for, and ends at once when it is asked to', async () => {
    const lines: string[] = [];
    const told = createLogger('info', { write: (line) => void lines.push(line) });
    const wishes = { stateUrl: kind.stateUrl, shards: any(1), log: told, onLost: () => {}, waitFactor: 0.001 };
    const { lease: first } = await takeLease(wishes);
    const stopped = new AbortController();
    const ended = takeLease({ ...wishes, signal: stopped.signal });
    const waiting = takeLease(wishes);
    await vi.waitUntil(() => lines.filter((line) => line.includes('waiting until one is free')).length === 2);
    stopped.abort(new Error('asked to'));
    await expect(ended).rejects.toThrow('aborted');
    await first.release();
    const second = await waiting;
    expect(second.shards).toEqual({ ids: [0], count: 1 });
    await second.lease.release();
  });

  test('nothing is written without the lease', async () => {
    const { lease } = await take();
    const ours = await open(lease);
    await ours.set('flow:a', named('with it'));
    kind.loseLeases();
    await take();
    await expect(ours.set('flow:a', named('without it'))).rejects.toThrow('lease');
    await expect(ours.delete('flow:a')).rejects.toThrow('lease');
    expect(await store.get('flow:a', schema)).toEqual(named('with it'));
  });

  test('whoever comes second waits, has it as soon as it is given up, and is refused when that takes too long', async () => {
    const { lease: first } = await take();
    const wishes = { stateUrl: kind.stateUrl, shards: everyShard, log, onLost: () => {} };
    await expect(takeLease({ ...wishes, waitFactor: 0.001 })).rejects.toThrow(StartRefused);
    const waiting = takeLease({ ...wishes, lease: kind.lease() });
    await first.release();
    const { lease: second } = await waiting;
    expect(await second.isHeld()).toBe(true);
    await second.release();
  });
});

test.skipIf(!hasRedis)('a lease on Redis lasts nine seconds after it was renewed', async () => {
  const server = await startRedis();
  const lease = new RedisLease({ url: server.url, shards: everyShard, log, onLost: () => {} });
  const ends = () => Number(server.ask('HGET', 'kubeez:leases', '0/1').split(' ')[0]);
  const now = () => Number(server.ask('TIME').split('\n')[0]) * 1000;
  await lease.take();
  expect(ends() - now()).toBeLessThanOrEqual(10_000);
  const token = server.ask('HGET', 'kubeez:leases', '0/1').split(' ')[1];
  // As if it was about to end.
  server.ask('HSET', 'kubeez:leases', '0/1', `${now() + 2_000} ${token}`);
  await lease.assertHeld();
  expect(ends() - now()).toBeGreaterThan(5_000);
  await lease.release();
  expect(server.ask('EXISTS', 'kubeez:leases')).toBe('0');
});

test.skipIf(!hasRedis)(
  'a lease that somebody had while a process stood still is lost, also when they have given it up since: what it remembers is old',
  async () => {
    const server = await startRedis();
    const leaseOf = (shards: WantedShards, onLost = () => {}) => {
      const lease = new RedisLease({ url: server.url, shards, log, onLost });
      onTestFinished(() => lease.release());
      return lease;
    };
    for (const others of [everyShard, some(2, 0), some(4, 3)]) {
      const onLost = vi.fn();
      const first = leaseOf(everyShard, onLost);
      await first.take();
      server.ask('DEL', 'kubeez:leases');
      const second = leaseOf(others);
      expect(await second.take()).toBeDefined();
      await second.release();
      await expect(first.assertHeld()).rejects.toThrow('lease');
      expect(onLost).toHaveBeenCalledTimes(1);
      expect(await leaseOf(some(2, 1)).take()).toBeDefined();
      server.ask('DEL', 'kubeez:leases');
    }
  },
);

test('a Redis that is not there throws; it is not taken for an empty one', async () => {
  const store = await openStore('redis://127.0.0.1:1', log);
  await expect(store.get('flow:a', z.unknown())).rejects.toThrow();
  await store.close().catch(() => undefined);
}, 20_000);
