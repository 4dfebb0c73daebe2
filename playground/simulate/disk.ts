import { EventEmitter } from 'node:events';
import type { KeyvEntry, KeyvStoreAdapter } from 'keyv';
import type { Lease } from '../../src/state/lease.ts';
import type { Life } from './life.ts';
import type { Troubles } from './troubles.ts';
import { sleep, trueTime } from './virtualTime.ts';

/** The flow whose record has this key; undefined for any other key. */
export const flowOf = (key: string): string | undefined => /^kubeez:flow:(\w+)$/.exec(key)?.[1];

/** What outlives every process: the records, and who holds the lease. */
export class Disk {
  readonly records = new Map<string, string>();
  /** Who has the lease of each shard. */
  readonly #holders = new Map<number, Life>();
  /** The latest process that has read or written a record, by its key. */
  readonly readers = new Map<string, Life>();
  readonly #troubles: Troubles;
  readonly #onWritten: (key: string, text: string | undefined) => void;

  readonly #onTaken: () => void;

  /**
   * @param onWritten told of every record as it lies on the disk; undefined: it was deleted
   * @param onTaken told when a process takes the lease, and begins with what it finds on the disk
   */
  constructor(troubles: Troubles, onWritten: (key: string, text: string | undefined) => void, onTaken: () => void) {
    this.#troubles = troubles;
    this.#onWritten = onWritten;
    this.#onTaken = onTaken;
  }

  /** The lists of open flows: key and text of each. */
  openLists(): [key: string, text: string][] {
    return [...this.records].filter(([key]) => /^kubeez:guild:\w+:open$/.test(key));
  }

  /** The store as one process sees it: what it writes is written in that order, and a read may come before what waits to be written. */
  storeFor(life: Life): KeyvStoreAdapter {
    const { records } = this;
    let latest = 0;
    const reached = async (at: number) => {
      await sleep(at - trueTime());
      await life.goesOn();
      if (this.#troubles.isDiskAway) throw new Error('The store cannot be reached');
    };
    const next = () => trueTime() + this.#troubles.diskTakes();
    const writeAll = async (entries: readonly (readonly [key: string, text: string | undefined])[]) => {
      const keys = entries.map(([key]) => key).join(' and ');
      latest = Math.max(latest, next());
      await reached(latest);
      life.mayDie(`before a write of ${keys}`);
      await life.goesOn();
      if (this.#troubles.isDiskFull) throw new Error('SQLITE_FULL: database or disk is full');
      for (const [key, text] of entries) {
        if (text === undefined) records.delete(key);
        else records.set(key, text);
        this.readers.set(key, life);
      }
      // All lie there by now.
      for (const [key, text] of entries) this.#onWritten(key, text);
      life.mayDie(`after a write of ${keys}`);
      await life.goesOn();
    };
    const write = (key: string, text: string | undefined) => writeAll([[key, text]]);
    const store: KeyvStoreAdapter = Object.assign(new EventEmitter(), {
      opts: {},
      get: async <Value>(key: string) => {
        await reached(next());
        if (records.has(key)) this.readers.set(key, life);
        // Keyv wants what `set` was given: its own serialised text.
        return records.get(key) as Value | undefined;
      },
      set: (key: string, value: unknown) => write(key, String(value)),
      setMany: (entries: readonly KeyvEntry[]) => writeAll(entries.map(({ key, value }) => [key, String(value)])),
      delete: async (key: string) => {
        const isThere = records.has(key);
        await write(key, undefined);
        return isThere;
      },
      clear: async () => records.clear(),
    });
    return store;
  }

  /** Whether a process has the lease of some shard. */
  isHolder = (life: Life) => [...this.#holders.values()].includes(life);

  /** Whoever has the lease of a shard has it no more. */
  release(life: Life): void {
    for (const [shard, holder] of this.#holders) if (holder === life) this.#holders.delete(shard);
  }

  /** The right to act, as one process may have it: for the first shard that is free. */
  leaseFor(life: Life): Lease {
    const { shards: count } = this.#troubles;
    const isHeld = () => this.isHolder(life) && !life.isOver;
    return {
      take: async () => {
        await life.goesOn();
        const shards = Array.from({ length: count }, (_, id) => id);
        const free = shards.find((id) => this.#holders.get(id)?.isOver !== false);
        if (free === undefined) return undefined;
        this.#holders.set(free, life);
        this.#onTaken();
        return { ids: [free], count };
      },
      assertHeld: async () => {
        await life.goesOn();
        if (!isHeld()) throw new Error('The lease is not held');
      },
      isHeld: async () => isHeld(),
      release: async () => this.release(life),
    };
  }
}
