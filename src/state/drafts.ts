import type { z } from 'zod';
import { newId } from '../ids.ts';
import { BrokenRecord, type Store } from './store.ts';

/** How long drafts are kept: longer than any form stays open. */
const keptFor = 24 * 3_600_000;

/** What forms need until they are sent: a form's id has no room for it, and the bot may restart meanwhile. */
export class Drafts {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Keeps a draft for a day. Gives its id at once; `kept` resolves when it is written. */
  keep(draft: object): { id: string; kept: Promise<void> } {
    const id = newId();
    const kept = this.#store.set(`draft:${id}`, { v: 1, ...draft }, keptFor);
    // Whoever waits for it may do so only after it has failed.
    kept.catch(() => undefined);
    return { id, kept };
  }

  /** Reads a draft; undefined when it is no longer kept or of a form of another version. */
  async read<Schema extends z.ZodType>(id: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    try {
      return await this.#store.get(`draft:${id}`, schema);
    } catch (error) {
      if (error instanceof BrokenRecord) return undefined;
      throw error;
    }
  }
}
