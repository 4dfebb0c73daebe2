import type { z } from 'zod';

/** Records to write, by their keys. */
export type Writes = readonly (readonly [key: string, record: object])[];

/** Writes records, perhaps with others, so that after a kill all of them are there, or none. */
export type Write = (records: Writes) => Promise<void>;

/** What records are read, written and removed with, as the store does it. */
export interface Records {
  get<Schema extends z.ZodType<object>>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined>;
  set(key: string, value: object): Promise<void>;
  setAll: Write;
  delete(key: string): Promise<void>;
  /** Grows whenever the store may have lost its latest writes. */
  readonly troubles: number;
}

/** Gives a function that tells once of each trouble that the store had since it was last asked. */
export function troublesOf(store: Pick<Records, 'troubles'>): () => boolean {
  let known = store.troubles;
  return () => {
    const isNew = known !== store.troubles;
    known = store.troubles;
    return isNew;
  };
}

/** Records in memory. */
const maxKnown = 200;

/**
 * Caches records that nobody but this process changes. It is for whoever changes them, one change after another; readers go
 * to the store. Once something went wrong with the store, everything is read again.
 */
export class OwnRecords {
  readonly #store: Records;
  /** The oldest first; undefined: known not to be there. */
  readonly #known = new Map<string, object | undefined>();
  readonly #hadTrouble: () => boolean;

  constructor(store: Records) {
    this.#store = store;
    this.#hadTrouble = troublesOf(store);
  }

  async get<Schema extends z.ZodType<object>>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    if (this.#hadTrouble()) this.#known.clear();
    if (this.#known.has(key)) {
      const known = this.#known.get(key);
      return known && schema.parse(known);
    }
    const found = await this.#store.get(key, schema);
    this.#note(key, found);
    return found;
  }

  async set(key: string, value: object, write: Write = (records) => this.#store.setAll(records)): Promise<void> {
    // Whether a write that fails took place only the store can tell.
    this.#known.delete(key);
    await write([[key, value]]);
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
