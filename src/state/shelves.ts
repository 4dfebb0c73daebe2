import PQueue from 'p-queue';
import { z } from 'zod';
import type { Store } from './store.ts';

const countSchema = z.object({ v: z.literal(1), count: z.number() });

/** Entries in one record: a page reads few records, and a new entry rewrites little. */
const shelfSize = 50;

/** Milliseconds that whoever goes through all shelves of a place waits between two: whoever uses the bot comes first. */
export const betweenShelves = 100;

/** What every entry tells: of which flow, and when it came here, in milliseconds since 1970. */
interface Shelved {
  flow: string;
  at: number;
}

/**
 * A list for each place (a server, or one person's DM), oldest first, in records of 50 entries, so that no keys have to be
 * scanned.
 */
export class Shelves<Entry extends Shelved> {
  readonly #store: Store;
  readonly #name: string;
  readonly #schema: z.ZodType<{ v: 1; entries: Entry[] }>;
  readonly #queue = new PQueue({ concurrency: 1 });

  /** @param name what its keys are called: `guild:<place>:<name>` */
  constructor(store: Store, name: string, entry: z.ZodType<Entry>) {
    this.#store = store;
    this.#name = name;
    this.#schema = z.object({ v: z.literal(1), entries: z.array(entry) });
  }

  /** Adds an entry, unless its flow has one already among the latest. Throws when it cannot be written. */
  add(place: string, entry: Entry): Promise<void> {
    return this.#queue.add(async () => {
      const count = await this.#count(place);
      const last = Math.floor(count / shelfSize);
      const shelf = await this.read(place, last);
      const before = count % shelfSize === 0 && count > 0 ? await this.read(place, last - 1) : [];
      if ([...before, ...shelf].some((one) => one.flow === entry.flow)) return;
      const entries = [...shelf, entry];
      await this.#write(place, last, entries);
      // Counted last: an entry that is not counted yet is written again, not lost.
      await this.#store.set(this.#countKey(place), { v: 1, count: last * shelfSize + entries.length });
    });
  }

  /** The number of the shelf that is being filled; those before it are full. */
  async last(place: string): Promise<number> {
    return Math.floor((await this.#count(place)) / shelfSize);
  }

  /** The entries on a shelf. */
  async read(place: string, index: number): Promise<Entry[]> {
    return (await this.#store.get(this.#keyOf(place, index), this.#schema))?.entries ?? [];
  }

  /**
   * Changes the entries of a shelf, or leaves some out. It stays where it is with fewer of them: the others keep their
   * numbers. Throws when that cannot be written.
   *
   * @param change undefined where an entry is to go; the entry itself where nothing changes
   */
  change(place: string, index: number, change: (entry: Entry) => Entry | undefined): Promise<void> {
    return this.#queue.add(() => this.#change(place, index, change));
  }

  /** The same on every shelf, the newest first. */
  changeAll(place: string, change: (entry: Entry) => Entry | undefined): Promise<void> {
    return this.#queue.add(async () => {
      for (let index = await this.last(place); index >= 0; index--) await this.#change(place, index, change);
    });
  }

  /** Removes all of a place. Throws when that cannot be written. */
  remove(place: string): Promise<void> {
    return this.#queue.add(async () => {
      // The count last: what a kill left is found again.
      for (let index = await this.last(place); index >= 0; index--) await this.#store.delete(this.#keyOf(place, index));
      await this.#store.delete(this.#countKey(place));
    });
  }

  async #change(place: string, index: number, change: (entry: Entry) => Entry | undefined): Promise<void> {
    const before = await this.read(place, index);
    const changed = before.map(change);
    if (changed.every((entry, at) => entry === before[at])) return;
    await this.#write(
      place,
      index,
      changed.filter((entry) => entry !== undefined),
    );
  }

  async #count(place: string): Promise<number> {
    return (await this.#store.get(this.#countKey(place), countSchema))?.count ?? 0;
  }

  #write(place: string, index: number, entries: Entry[]): Promise<void> {
    return this.#store.set(this.#keyOf(place, index), { v: 1, entries });
  }

  #countKey(place: string): string {
    return `guild:${place}:${this.#name}`;
  }

  #keyOf(place: string, index: number): string {
    return `${this.#countKey(place)}:${index}`;
  }
}
