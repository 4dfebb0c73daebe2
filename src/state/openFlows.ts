import PQueue from 'p-queue';
import { z } from 'zod';
import { BrokenRecord, type Store } from './store.ts';

const listSchema = z.object({ v: z.literal(1), ids: z.array(z.string()) });

/** What can still be read from a damaged list. */
const brokenSchema = z.looseObject({ ids: z.array(z.unknown()) });

/** The server of flows that were started in a DM with the bot. */
export const directMessages = 'dm';

/** The shard where there is but one. */
export const onlyShard = '0/1';

/**
 * Which flows of a server are open, so that a start finds them without scanning keys. Changes of one server's list
 * run one after another, because Keyv has no compare-and-set; a server belongs to one process only.
 */
export class OpenFlows {
  readonly #store: Store;
  readonly #shardOf: (server: string) => string;
  readonly #lists = new Map<string, ReadonlySet<string>>();
  /** The servers that are noted for each shard. */
  readonly #servers = new Map<string, ReadonlySet<string>>();
  readonly #queue = new PQueue({ concurrency: 1 });

  /** @param shardOf the shard a server belongs to: one process at a time writes about it */
  constructor(store: Store, shardOf: (server: string) => string = () => onlyShard) {
    this.#store = store;
    this.#shardOf = shardOf;
  }

  /**
   * The servers that have had open flows, of some shards. Discord does not name those that have removed the bot meanwhile,
   * and what was paid for there has to be delivered all the same.
   */
  servers(shards: readonly string[]): Promise<string[]> {
    return this.#queue.add(async () => {
      const known = await Promise.all(shards.map((shard) => this.#serversOf(shard)));
      return known.flatMap((servers) => [...servers]);
    });
  }

  /** The ids of a server's open flows, in no particular order. */
  list(guild: string): Promise<string[]> {
    return this.#queue.add(async () => [...(await this.#load(guild))]);
  }

  /** Notes that a flow is open. */
  add(guild: string, id: string): Promise<void> {
    return this.#change(guild, (ids) => (ids.has(id) ? ids : new Set([...ids, id])));
  }

  /** Notes that a flow has ended. */
  remove(guild: string, id: string): Promise<void> {
    return this.#change(guild, (ids) => (ids.has(id) ? new Set([...ids].filter((one) => one !== id)) : ids));
  }

  /** What could not be written is not known either: the next change tries to write both. */
  #change(guild: string, change: (ids: ReadonlySet<string>) => ReadonlySet<string>): Promise<void> {
    return this.#queue.add(async () => {
      const ids = await this.#load(guild);
      const changed = change(ids);
      if (changed === ids) return;
      await this.#noteServer(guild);
      await this.#store.set(`guild:${guild}:open`, { v: 1, ids: [...changed] });
      this.#lists.set(guild, changed);
    });
  }

  /**
   * A list that does not fit was set aside and reported; the ids that are still in it are used, and the next change writes
   * a sound one. A flow that is missing from it goes on as soon as somebody presses a button of its card.
   */
  async #read(key: string): Promise<string[]> {
    try {
      return (await this.#store.get(key, listSchema))?.ids ?? [];
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error;
      const broken = brokenSchema.safeParse(error.record);
      return broken.success ? broken.data.ids.filter((id) => typeof id === 'string') : [];
    }
  }

  /** Before its list is written: a list of a server that nobody knows would never be found. */
  async #noteServer(server: string): Promise<void> {
    const shard = this.#shardOf(server);
    const servers = await this.#serversOf(shard);
    if (server === directMessages || servers.has(server)) return;
    const noted = new Set([...servers, server]);
    await this.#store.set(serversKey(shard), { v: 1, ids: [...noted] });
    this.#servers.set(shard, noted);
  }

  async #serversOf(shard: string): Promise<ReadonlySet<string>> {
    const servers = this.#servers.get(shard) ?? new Set(await this.#read(serversKey(shard)));
    this.#servers.set(shard, servers);
    return servers;
  }

  async #load(guild: string): Promise<ReadonlySet<string>> {
    const known = this.#lists.get(guild);
    if (known) return known;
    const ids = new Set(await this.#read(`guild:${guild}:open`));
    this.#lists.set(guild, ids);
    return ids;
  }
}

const serversKey = (shard: string) => `servers:${shard}`;
