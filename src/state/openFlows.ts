import PQueue from 'p-queue';
import { z } from 'zod';
import type { Store } from './store.ts';

const listSchema = z.object({ v: z.literal(1), ids: z.array(z.string()) });

/** The server of flows that were started in a DM with the bot. */
export const directMessages = 'dm';

/**
 * Which flows of a server are open, so that a start finds them without scanning keys. Changes of one server's list
 * run one after another, because Keyv has no compare-and-set; a server belongs to one process only.
 */
export class OpenFlows {
  readonly #store: Store;
  readonly #lists = new Map<string, Set<string>>();
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store) {
    this.#store = store;
  }

  /** The ids of a server's open flows, in no particular order. */
  list(guild: string): Promise<string[]> {
    return this.#queue.add(async () => [...(await this.#load(guild))]);
  }

  /** Notes that a flow is open. */
  add(guild: string, id: string): Promise<void> {
    return this.#change(guild, (ids) => !ids.has(id) && Boolean(ids.add(id)));
  }

  /** Notes that a flow has ended. */
  remove(guild: string, id: string): Promise<void> {
    return this.#change(guild, (ids) => ids.delete(id));
  }

  #change(guild: string, change: (ids: Set<string>) => boolean): Promise<void> {
    return this.#queue.add(async () => {
      const ids = await this.#load(guild);
      if (change(ids)) await this.#store.set(`guild:${guild}:open`, { v: 1, ids: [...ids] });
    });
  }

  async #load(guild: string): Promise<Set<string>> {
    const known = this.#lists.get(guild);
    if (known) return known;
    const record = await this.#store.get(`guild:${guild}:open`, listSchema);
    const ids = new Set(record?.ids);
    this.#lists.set(guild, ids);
    return ids;
  }
}
