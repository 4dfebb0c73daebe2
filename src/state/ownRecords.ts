import type { z } from 'zod';

/** What records are read, written and removed with, as the store does it. */
export interface Records {
  get<Schema extends z.ZodType<object>>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined>;
  set(key: string, value: object): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Records in memory. */
const maxKnown = 200;

/**
 * Records that nobody but this process changes, for whoever changes them, one after the other: what was read or written is not
 * read again. Who only wants to know asks the store, which may have been written by another process.
 */
export class OwnRecords implements Records {
  readonly #store: Records;
  /** The one that was found out longest ago first; undefined where there is none. */
  readonly #known = new Map<string, object | undefined>();

  constructor(store: Records) {
    this.#store = store;
  }

  async get<Schema extends z.ZodType<object>>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    if (this.#known.has(key)) {
      const known = this.#known.get(key);
      return known && schema.parse(known);
    }
    const found = await this.#store.get(key, schema);
    this.#note(key, found);
    return found;
  }

  async set(key: string, value: object): Promise<void> {
    // Whether a write that fails took place only the store can tell.
    this.#known.delete(key);
    await this.#store.set(key, value);
    this.#note(key, value);
  }

  async delete(key: string): Promise<void> {
    this.#known.delete(key);
    await this.#store.delete(key);
  }

  #note(key: string, record: object | undefined): void {
    this.#known.set(key, record);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > maxKnown) this.#known.delete(oldest);
  }
}
