import PQueue from 'p-queue';
import { z } from 'zod';
import type { Store } from './store.ts';

const entrySchema = z.object({
  flow: z.string(),
  recipe: z.string(),
  model: z.string(),
  by: z.string(),
  credits: z.number(),
  channel: z.string(),
  message: z.string().nullable(),
  at: z.number(),
  /** What it is about, cut short. */
  about: z.string(),
  /** Whether it was deleted: then it is listed for its requester alone. */
  deleted: z.boolean().default(false),
});

/** One thing a server has made. `at` in milliseconds since 1970. */
export type Entry = z.infer<typeof entrySchema>;

const countSchema = z.object({ v: z.literal(1), count: z.number() });
const shelfSchema = z.object({ v: z.literal(1), entries: z.array(entrySchema) });

/** Entries in one record: a page reads few records, and a new entry rewrites little. */
const shelfSize = 50;

/** The history of each server or DM, oldest first, in records of 50 entries, so that no keys have to be scanned. */
export class History {
  readonly #store: Store;
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds an entry to a place (a server, or one person's DM), unless its flow has one already among the latest. */
  add({ place, ...rest }: z.input<typeof entrySchema> & { place: string }): Promise<void> {
    const entry = entrySchema.parse(rest);
    return this.#queue.add(async () => {
      const count = await this.#count(place);
      const shelf = await this.#shelf(place, Math.floor(count / shelfSize));
      const before = count % shelfSize === 0 && count > 0 ? await this.#shelf(place, count / shelfSize - 1) : [];
      if ([...before, ...shelf].some((one) => one.flow === entry.flow)) return;
      const entries = [...shelf, entry];
      await this.#store.set(keyOf(place, Math.floor(count / shelfSize)), { v: 1, entries });
      // Counted last: an entry that is not counted yet is written again, not lost.
      await this.#store.set(countKey(place), { v: 1, count: countOf(count, entries) });
    });
  }

  /** Notes that what a flow made was deleted; a flow that has no entry is none the worse for it. */
  markDeleted(place: string, flow: string): Promise<void> {
    return this.#queue.add(async () => {
      for (let index = Math.floor((await this.#count(place)) / shelfSize); index >= 0; index--) {
        const entries = await this.#shelf(place, index);
        if (!entries.some((entry) => entry.flow === flow)) continue;
        const marked = entries.map((entry) => (entry.flow === flow ? { ...entry, deleted: true } : entry));
        await this.#store.set(keyOf(place, index), { v: 1, entries: marked });
      }
    });
  }

  /** Removes the entries of a person from a server. Throws when that cannot be written. */
  forget(server: string, person: string): Promise<void> {
    return this.#queue.add(async () => {
      for (let index = Math.floor((await this.#count(server)) / shelfSize); index >= 0; index--) {
        const entries = await this.#shelf(server, index);
        const others = entries.filter(({ by }) => by !== person);
        // A shelf that has fewer now stays where it is: the others keep their numbers.
        if (others.length < entries.length) await this.#store.set(keyOf(server, index), { v: 1, entries: others });
      }
    });
  }

  /** Removes all of a place, such as somebody's DMs. Throws when that cannot be written. */
  remove(place: string): Promise<void> {
    return this.#queue.add(async () => {
      // The count last: what a kill left is found again.
      for (let index = Math.floor((await this.#count(place)) / shelfSize); index >= 0; index--)
        await this.#store.delete(keyOf(place, index));
      await this.#store.delete(countKey(place));
    });
  }

  /**
   * Entries that fit, newest first, `skip` of them left out. Reads only as many shelves as it must; `hasMore` tells
   * whether there are older ones.
   */
  async list(
    place: string,
    fits: (entry: Entry) => boolean | Promise<boolean>,
    skip: number,
    most: number,
  ): Promise<{ entries: Entry[]; hasMore: boolean }> {
    const found: Entry[] = [];
    for (let index = Math.floor((await this.#count(place)) / shelfSize); index >= 0; index--) {
      const entries = (await this.#shelf(place, index)).reverse();
      const verdicts = await Promise.all(entries.map(fits));
      found.push(...entries.filter((_, at) => verdicts[at]));
      if (found.length > skip + most) break;
    }
    return { entries: found.slice(skip, skip + most), hasMore: found.length > skip + most };
  }

  async #count(place: string): Promise<number> {
    return (await this.#store.get(countKey(place), countSchema))?.count ?? 0;
  }

  async #shelf(place: string, index: number): Promise<Entry[]> {
    return (await this.#store.get(keyOf(place, index), shelfSchema))?.entries ?? [];
  }
}

const countKey = (place: string) => `guild:${place}:made`;
const keyOf = (place: string, index: number) => `guild:${place}:made:${index}`;

/** Entries in all, as the shelf that is being filled has it. */
const countOf = (count: number, entries: Entry[]) => Math.floor(count / shelfSize) * shelfSize + entries.length;
