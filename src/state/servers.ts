import PQueue from 'p-queue';
import { z } from 'zod';
import { BrokenRecord, type Store } from './store.ts';

/** The server of flows that were started in a DM with the bot. */
export const directMessages = 'dm';

/** The shard where there is but one. */
export const onlyShard = '0/1';

const recordSchema = z.object({
  v: z.literal(1),
  ids: z.array(z.string()),
  /** Of those that have removed the bot, when that was seen, in milliseconds since 1970. */
  removed: z.record(z.string(), z.number()).default({}),
});

/** What can still be read from a damaged record. */
const brokenSchema = z.looseObject({ ids: z.array(z.unknown()) });

interface Known {
  ids: ReadonlySet<string>;
  removed: ReadonlyMap<string, number>;
}

/**
 * The servers of each shard, also those that have removed the bot: Discord does not name them, and something may be kept
 * of them. Only the process that has a shard writes about it.
 */
export class Servers {
  readonly #store: Store;
  /** The shard a server belongs to, such as `0/1`. */
  readonly shardOf: (server: string) => string;
  readonly #known = new Map<string, Known>();
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store, shardOf: (server: string) => string = () => onlyShard) {
    this.#store = store;
    this.shardOf = shardOf;
  }

  /** The servers of some shards that are known. Throws when the store cannot be read. */
  list(shards: readonly string[]): Promise<string[]> {
    return this.#queue.add(async () => {
      const known = await Promise.all(shards.map((shard) => this.#load(shard)));
      return known.flatMap(({ ids }) => [...ids]);
    });
  }

  /** Of some shards the servers that have removed the bot, and when. Throws when the store cannot be read. */
  removed(shards: readonly string[]): Promise<Map<string, number>> {
    return this.#queue.add(async () => {
      const known = await Promise.all(shards.map((shard) => this.#load(shard)));
      return new Map(known.flatMap(({ removed }) => [...removed]));
    });
  }

  /** When a server removed the bot, as far as that was read by now; undefined where it did not. */
  removedAt(server: string): number | undefined {
    return this.#known.get(this.shardOf(server))?.removed.get(server);
  }

  /** Notes a server. Throws when it cannot be written. */
  note(server: string): Promise<void> {
    return this.#change(this.shardOf(server), ({ ids, removed }) => ({ ids: withOne(ids, server), removed }));
  }

  /** Notes that a server has removed the bot, unless that is known. Throws when it cannot be written. */
  markRemoved(server: string, at: number): Promise<void> {
    return this.#change(this.shardOf(server), ({ ids, removed }) => ({
      ids: withOne(ids, server),
      removed: removed.has(server) ? removed : new Map([...removed, [server, at]]),
    }));
  }

  /** Notes a server that has the bot, again or for the first time. Throws when it cannot be written. */
  markPresent(server: string): Promise<void> {
    return this.#change(this.shardOf(server), ({ ids, removed }) => ({
      ids: withOne(ids, server),
      removed: removed.has(server) ? without(removed, [server]) : removed,
    }));
  }

  /**
   * Notes all servers that a shard has: those that are back, and those that have removed the bot unseen. Throws when that
   * cannot be written.
   *
   * @param except servers of which nothing is changed
   */
  compare(shard: string, present: ReadonlySet<string>, at: number, except: ReadonlySet<string>): Promise<void> {
    return this.#change(shard, ({ ids, removed }) => {
      const all = new Set([...ids, ...present]);
      const back = [...removed.keys()].filter((server) => present.has(server) && !except.has(server));
      const gone = [...all].filter((server) => !present.has(server) && !removed.has(server));
      return {
        ids: all.size === ids.size ? ids : all,
        removed:
          back.length + gone.length === 0
            ? removed
            : new Map([...without(removed, back), ...gone.map((server) => [server, at] as const)]),
      };
    });
  }

  /** Removes what is known of a server. Throws when that cannot be written. */
  forget(server: string): Promise<void> {
    return this.#change(this.shardOf(server), ({ ids, removed }) => ({
      ids: new Set([...ids].filter((id) => id !== server)),
      removed: without(removed, [server]),
    }));
  }

  /** What could not be written is not known either: the next change tries to write both. */
  #change(shard: string, change: (before: Known) => Known): Promise<void> {
    return this.#queue.add(async () => {
      const before = await this.#load(shard);
      const after = change(before);
      if (after.ids === before.ids && after.removed === before.removed) return;
      const { ids, removed } = after;
      await this.#store.set(keyOf(shard), { v: 1, ids: [...ids], removed: Object.fromEntries(removed) });
      this.#known.set(shard, after);
    });
  }

  async #load(shard: string): Promise<Known> {
    const known = this.#known.get(shard) ?? (await this.#read(shard));
    this.#known.set(shard, known);
    return known;
  }

  /** A record that does not fit was set aside and reported; the servers that are still in it are used. */
  async #read(shard: string): Promise<Known> {
    try {
      const record = await this.#store.get(keyOf(shard), recordSchema);
      return { ids: new Set(record?.ids), removed: new Map(Object.entries(record?.removed ?? {})) };
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error;
      const broken = brokenSchema.safeParse(error.record);
      const ids = broken.success ? broken.data.ids.filter((id) => typeof id === 'string') : [];
      return { ids: new Set(ids), removed: new Map() };
    }
  }
}

const withOne = (ids: ReadonlySet<string>, id: string) => (ids.has(id) ? ids : new Set([...ids, id]));
const without = (removed: ReadonlyMap<string, number>, servers: readonly string[]) =>
  new Map([...removed].filter(([server]) => !servers.includes(server)));

const keyOf = (shard: string) => `servers:${shard}`;
