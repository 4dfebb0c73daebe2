import { z } from 'zod';
import { KeyedQueue } from './keyedQueue.ts';
import { OwnRecords, type Records, type Write } from './ownRecords.ts';

/** 50 times the number of full shelves; earlier versions counted every entry. */
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
  readonly #store: Records;
  /** For changes, which are made one after the other. */
  readonly #own: OwnRecords;
  readonly #name: string;
  readonly #schema: z.ZodType<{ v: 1; entries: Entry[] }>;
  /** One change of a place's at a time. */
  readonly #turns = new KeyedQueue();

  /** @param name what its keys are called: `guild:<place>:<name>` */
  constructor(store: Records, name: string, entry: z.ZodType<Entry>) {
    this.#store = store;
    this.#own = new OwnRecords(store);
    this.#name = name;
    this.#schema = z.object({ v: z.literal(1), entries: z.array(entry) });
  }

  /** Adds an entry, unless its flow has one already among the latest. Throws when it cannot be written. */
  add(place: string, entry: Entry, write: Write = (records) => this.#store.setAll(records)): Promise<void> {
    return this.#turns.run(place, async () => {
      let last = await this.#last(place, this.#own);
      let shelf = await this.#read(place, last, this.#own);
      let before = shelf.length === 0 && last > 0 ? await this.#read(place, last - 1, this.#own) : [];
      // The next one may have entries already, where the store has lost the count.
      while (shelf.length >= shelfSize) {
        last++;
        before = shelf;
        shelf = await this.#read(place, last, this.#own);
        // Counted first: an entry on a shelf that is not counted would not be found.
        await this.#own.set(this.#countKey(place), { v: 1, count: last * shelfSize });
      }
      if ([...before, ...shelf].some((one) => one.flow === entry.flow)) return write([]);
      await this.#write(place, last, [...shelf, entry], write);
    });
  }

  /** The number of the shelf that is being filled; those before it are full. */
  last(place: string): Promise<number> {
    return this.#last(place);
  }

  /** The entries on a shelf. */
  read(place: string, index: number): Promise<Entry[]> {
    return this.#read(place, index);
  }

  /**
   * Changes the entries of a shelf, or leaves some out. It stays where it is with fewer of them: the others keep their
   * numbers. Throws when that cannot be written.
   *
   * @param change undefined where an entry is to go; the entry itself where nothing changes
   */
  change(place: string, index: number, change: (entry: Entry) => Entry | undefined): Promise<void> {
    return this.#turns.run(place, () => this.#change(place, index, change));
  }

  /** The same on every shelf, the newest first. */
  changeAll(place: string, change: (entry: Entry) => Entry | undefined): Promise<void> {
    return this.#turns.run(place, async () => {
      for (let index = await this.#last(place, this.#own); index >= 0; index--)
        await this.#change(place, index, change);
    });
  }

  /** Removes all of a place. Throws when that cannot be written. */
  remove(place: string): Promise<void> {
    return this.#turns.run(place, async () => {
      // The count last: what a kill left is found again.
      for (let index = await this.#last(place, this.#own); index >= 0; index--)
        await this.#own.delete(this.#keyOf(place, index));
      await this.#own.delete(this.#countKey(place));
    });
  }

  async #change(place: string, index: number, change: (entry: Entry) => Entry | undefined): Promise<void> {
    const before = await this.#read(place, index, this.#own);
    const changed = before.map(change);
    if (changed.every((entry, at) => entry === before[at])) return;
    await this.#write(
      place,
      index,
      changed.filter((entry) => entry !== undefined),
    );
  }

  async #last(place: string, from: Pick<Records, 'get'> = this.#store): Promise<number> {
    const counted = await from.get(this.#countKey(place), countSchema);
    return Math.floor((counted?.count ?? 0) / shelfSize);
  }

  async #read(place: string, index: number, from: Pick<Records, 'get'> = this.#store): Promise<Entry[]> {
    return (await from.get(this.#keyOf(place, index), this.#schema))?.entries ?? [];
  }

  #write(place: string, index: number, entries: Entry[], write?: Write): Promise<void> {
    return this.#own.set(this.#keyOf(place, index), { v: 1, entries }, write);
  }

  #countKey(place: string): string {
    return `guild:${place}:${this.#name}`;
  }

  #keyOf(place: string, index: number): string {
    return `${this.#countKey(place)}:${index}`;
  }
}
