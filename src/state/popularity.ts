import { z } from 'zod';
import { BrokenRecord, type Store } from './store.ts';

const countsSchema = z.object({ v: z.literal(1), models: z.record(z.string(), z.number()).default({}) });

/** How often each model was paid for in a server; autocomplete puts the usual ones first. */
export class Popularity {
  readonly #store: Store;
  readonly #counts = new Map<string, Map<string, number>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Uses of each model id in this server. Answers from memory after the first time. */
  async of(guild: string): Promise<ReadonlyMap<string, number>> {
    const known = this.#counts.get(guild);
    if (known) return known;
    // Kept under the key of the server's settings once; what lies there is read, and left alone.
    const models = (await this.#read(keyOf(guild))) ?? (await this.#read(`guild:${guild}`));
    const counts = new Map(Object.entries(models ?? {}));
    this.#counts.set(guild, counts);
    return counts;
  }

  /** Counts one more use. */
  async count(guild: string, model: string): Promise<void> {
    const counts = new Map(await this.of(guild));
    counts.set(model, (counts.get(model) ?? 0) + 1);
    this.#counts.set(guild, counts);
    await this.#store.set(keyOf(guild), { v: 1, models: Object.fromEntries(counts) });
  }

  /** Removes what was counted for one person's DMs. Throws when that cannot be written. */
  async forget(person: string): Promise<void> {
    await this.#store.delete(keyOf(person));
    await this.#store.delete(`guild:${person}`);
    this.#counts.delete(person);
  }

  /** A record that cannot be read is as good as none: it only sorts a list. */
  async #read(key: string): Promise<Record<string, number> | undefined> {
    try {
      return (await this.#store.get(key, countsSchema))?.models;
    } catch (error) {
      if (error instanceof BrokenRecord) return undefined;
      throw error;
    }
  }
}

const keyOf = (guild: string) => `guild:${guild}:popularity`;
