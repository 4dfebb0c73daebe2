import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter } from 'keyv';
import type { Lease } from '../../src/state/lease.ts';
import type { Life } from './life.ts';
import type { Troubles } from './troubles.ts';
import { sleep } from './virtualTime.ts';

/** What outlives every process: the records, and who holds the lease. */
export class Disk {
  readonly records = new Map<string, string>();
  holder: Life | undefined;
  readonly #troubles: Troubles;
  readonly #onWritten: (key: string, text: string | undefined) => void;

  /** @param onWritten told of every record as it lies on the disk; undefined: it was deleted */
  constructor(troubles: Troubles, onWritten: (key: string, text: string | undefined) => void) {
    this.#troubles = troubles;
    this.#onWritten = onWritten;
  }

  /** The store as one process sees it. */
  storeFor(life: Life): KeyvStoreAdapter {
    const { records } = this;
    const write = async (key: string, text: string | undefined) => {
      await this.#reached(life);
      life.mayDie(`before a write of ${key}`);
      await life.goesOn();
      if (this.#troubles.isDiskFull) throw new Error('SQLITE_FULL: database or disk is full');
      if (text === undefined) records.delete(key);
      else records.set(key, text);
      this.#onWritten(key, text);
      life.mayDie(`after a write of ${key}`);
      await life.goesOn();
    };
    const store: KeyvStoreAdapter = Object.assign(new EventEmitter(), {
      opts: {},
      get: async <Value>(key: string) => {
        await this.#reached(life);
        // Keyv wants what `set` was given: its own serialised text.
        return records.get(key) as Value | undefined;
      },
      set: (key: string, value: unknown) => write(key, String(value)),
      delete: async (key: string) => {
        const isThere = records.has(key);
        await write(key, undefined);
        return isThere;
      },
      clear: async () => records.clear(),
    });
    return store;
  }

  async #reached(life: Life): Promise<void> {
    await sleep(this.#troubles.diskTakes());
    await life.goesOn();
    if (this.#troubles.isDiskAway) throw new Error('The store cannot be reached');
  }

  /** The right to act, as one process may have it. */
  leaseFor(life: Life): Lease {
    const isHeld = () => this.holder === life && !life.isOver;
    return {
      take: async () => {
        await life.goesOn();
        if (this.holder?.isOver) this.holder = undefined;
        this.holder ??= life;
        return this.holder === life;
      },
      assertHeld: async () => {
        await life.goesOn();
        if (!isHeld()) throw new Error('The lease is not held');
      },
      isHeld: async () => isHeld(),
      release: async () => {
        if (this.holder === life) this.holder = undefined;
      },
    };
  }
}
