import PQueue from 'p-queue';
import { z } from 'zod';
import { troublesOf, type Write } from './ownRecords.ts';
import { directMessages, type Servers } from './servers.ts';
import { BrokenRecord, type Store } from './store.ts';

const listSchema = z.object({ v: z.literal(1), ids: z.array(z.string()) });

/** What can still be read from a damaged list. */
const brokenSchema = z.looseObject({ ids: z.array(z.unknown()) });

/**
 * Which flows of a server are open, so that a start finds them without scanning keys. Changes of one server's list
 * run one after another, because Keyv has no compare-and-set; a server belongs to one process only.
 */
export class OpenFlows {
  readonly #store: Store;
  readonly #servers: Servers;
  readonly #hadTrouble: () => boolean;
  readonly #lists = new Map<string, ReadonlySet<string>>();
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store, servers: Servers) {
    this.#store = store;
    this.#servers = servers;
    this.#hadTrouble = troublesOf(store);
  }

  /** The servers of some shards, also those that have removed the bot: what was paid for there has to be delivered. */
  servers(shards: readonly string[]): Promise<string[]> {
    return this.#servers.list(shards);
  }

  /** The ids of a server's open flows, in no particular order. */
  list(guild: string): Promise<string[]> {
    return this.#queue.add(async () => [...(await this.#load(guild))]);
  }

  /** Notes that a flow is open. Throws when that cannot be written. */
  add(guild: string, id: string, write?: Write): Promise<void> {
    return this.#change(guild, id, true, write);
  }

  /** Notes that a flow has ended. Throws when that cannot be written. */
  remove(guild: string, id: string, write?: Write): Promise<void> {
    return this.#change(guild, id, false, write);
  }

  /** Removes the list of a server. Throws when that cannot be written. */
  forgetServer(guild: string): Promise<void> {
    return this.#queue.add(async () => {
      await this.#store.delete(keyOf(guild));
      this.#lists.delete(guild);
    });
  }

  /** What could not be written is not known either: the next change tries to write both. */
  async #change(
    guild: string,
    id: string,
    isOpen: boolean,
    write: Write = (records) => this.#store.setAll(records),
  ): Promise<void> {
    if (this.#known(guild)?.has(id) === isOpen) return write([]);
    const isAsItWas = await this.#queue.add(async () => {
      const ids = await this.#load(guild);
      if (ids.has(id) === isOpen) return true;
      const changed = new Set(ids);
      if (isOpen) changed.add(id);
      else changed.delete(id);
      // Before its list is written: a list of a server that nobody knows would never be found.
      if (guild !== directMessages) await this.#servers.note(guild);
      await write([[keyOf(guild), { v: 1, ids: [...changed] }]]);
      this.#lists.set(guild, changed);
      return false;
    });
    if (isAsItWas) await write([]);
  }

  /** The list as this process wrote it, unless the store may have lost that. */
  #known(guild: string): ReadonlySet<string> | undefined {
    if (this.#hadTrouble()) this.#lists.clear();
    return this.#lists.get(guild);
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

  async #load(guild: string): Promise<ReadonlySet<string>> {
    const known = this.#known(guild);
    if (known) return known;
    const ids = new Set(await this.#read(keyOf(guild)));
    this.#lists.set(guild, ids);
    return ids;
  }
}

const keyOf = (guild: string) => `guild:${guild}:open`;
