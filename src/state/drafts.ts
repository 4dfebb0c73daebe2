import { z } from 'zod';
import { newId } from '../ids.ts';
import { KeyedQueue } from './keyedQueue.ts';
import { BrokenRecord, type Store } from './store.ts';

/** How long drafts are kept: longer than any form stays open. */
const keptFor = 24 * 3_600_000;

const idsSchema = z.object({ v: z.literal(1), ids: z.array(z.string()) });

/** Drafts of one person that are listed: more than anybody types in a day. */
const maxListed = 500;

/** What forms need until they are sent: a form's id has no room for it, and the bot may restart meanwhile. */
export class Drafts {
  readonly #store: Store;
  readonly #turns = new KeyedQueue();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Keeps a person's draft for a day. Gives its id at once; `kept` resolves when it is written. */
  keep(person: string, draft: object): { id: string; kept: Promise<void> } {
    const id = newId();
    const kept = this.#keep(person, id, draft);
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

  /** The drafts of a person that are still kept. Throws when the store cannot be read. */
  async of(person: string): Promise<object[]> {
    const ids = await this.#idsOf(person);
    const drafts = await Promise.all(ids.map((id) => this.read(id, z.looseObject({}))));
    return drafts.filter((draft) => draft !== undefined);
  }

  /** Removes the drafts of a person. Throws when that cannot be written. */
  forget(person: string): Promise<void> {
    return this.#turns.run(person, async () => {
      // The list last: what a kill left is found again.
      for (const id of await this.#idsOf(person)) await this.#store.delete(`draft:${id}`);
      await this.#store.delete(listKey(person));
    });
  }

  /** The draft at once, because a button may need it in a moment; the list beside it, in its turn. */
  async #keep(person: string, id: string, draft: object): Promise<void> {
    const written = this.#store.set(`draft:${id}`, { v: 1, ...draft }, keptFor);
    const listed = this.#turns.run(person, async () => {
      const ids = [...(await this.#idsOf(person)), id].slice(-maxListed);
      await this.#store.set(listKey(person), { v: 1, ids }, keptFor);
    });
    await Promise.all([written, listed]);
  }

  async #idsOf(person: string): Promise<string[]> {
    return (await this.#store.get(listKey(person), idsSchema))?.ids ?? [];
  }
}

const listKey = (person: string) => `person:${person}:drafts`;
