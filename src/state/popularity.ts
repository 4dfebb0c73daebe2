import { z } from 'zod';
import type { Store } from './store.ts';

const guildSchema = z.object({ v: z.literal(1), models: z.record(z.string(), z.number()).default({}) });

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
    const record = await this.#store.get(`guild:${guild}`, guildSchema);
    const counts = new Map(Object.entries(record?.models ?? {}));
    this.#counts.set(guild, counts);
    return counts;
  }

  /** Counts one more use. */
  async count(guild: string, model: string): Promise<void> {
    const counts = new Map(await this.of(guild));
    counts.set(model, (counts.get(model) ?? 0) + 1);
    this.#counts.set(guild, counts);
    await this.#store.set(`guild:${guild}`, { v: 1, models: Object.fromEntries(counts) });
  }
}
