import { z } from 'zod';
import type { Logger } from '../log.ts';
import { KeyedQueue } from '../state/keyedQueue.ts';
import { OwnRecords, type Records, type Write } from '../state/ownRecords.ts';
import { BrokenRecord } from '../state/store.ts';
import { type Entry, entrySchema, type FlowEntry } from './entries.ts';
import { nameAfter } from './forgotten.ts';

const shelvesSchema = z.object({ v: z.literal(1), last: z.number() });
const shelfSchema = z.object({ v: z.literal(1), keys: z.array(z.string()) });

/** Names of entries in one record: a new entry rewrites little. */
const shelfSize = 50;
/** There is no older ledger. Milliseconds since 1970. */
const first = Date.UTC(2026, 0);
/** Entries read at the same time. */
const readsAtOnce = 50;

/**
 * What became of the credits of each server: a record for every run, and their names on shelves of 50, so that no keys
 * have to be scanned. What is held is not in it: the records of open flows tell that.
 */
export class Ledger {
  readonly #store: Records;
  /** For the shelves, by whoever changes them, one after the other. */
  readonly #own: OwnRecords;
  readonly #log: Logger;
  /** One change of a server's at a time. */
  readonly #turns = new KeyedQueue();

  constructor(store: Records, log: Logger) {
    this.#store = store;
    this.#own = new OwnRecords(store);
    this.#log = log;
  }

  /** Writes the entries of a flow; what was written before is put right. Throws when they cannot be written. */
  settle(
    guild: string,
    entries: readonly FlowEntry[],
    write: Write = (records) => this.#store.setAll(records),
  ): Promise<void> {
    const settled = entries.filter(isSettled);
    const [first] = settled;
    if (!first) return write([]);
    const place = placeOf(guild, first.at);
    const records = settled.map((entry) => [`${place}:${nameOf(entry)}`, entry] as const);
    // With the entries: one on no shelf would never be found.
    return this.#turns.run(guild, () =>
      this.#shelve(place, settled.map(nameOf), (shelf) => write([...shelf, ...records])),
    );
  }

  /** Every entry of a server that was held in a month by UTC (`2026-11`), in no particular order. */
  async read(guild: string, month: string): Promise<Entry[]> {
    return this.#entries(`guild:${guild}:ledger:${month}`, () => true);
  }

  /** The entries of some flows that were held in these months. Throws when they cannot be read. */
  async readFlows(guild: string, flows: ReadonlySet<string>, months: readonly string[]): Promise<Entry[]> {
    const isOfOne = (name: string) => flows.has(name.slice(0, name.indexOf(':')));
    const found = months.map((month) => this.#entries(`guild:${guild}:ledger:${month}`, isOfOne));
    return (await Promise.all(found)).flat();
  }

  /**
   * Takes the person's name off the entries of their flows: what was spent stays. Throws when that cannot be written.
   *
   * @param now milliseconds since 1970
   */
  forget(guild: string, flows: ReadonlySet<string>, months: readonly string[], now: number): Promise<void> {
    return this.#turns.run(guild, async () => {
      for (const entry of await this.readFlows(guild, flows, months)) {
        const person = nameAfter(entry, now);
        await this.#store.set(`${placeOf(guild, entry.at)}:${nameOf(entry)}`, { ...entry, person });
      }
    });
  }

  /**
   * Removes the ledger of a server. Throws when that cannot be written.
   *
   * @param now milliseconds since 1970
   */
  forgetServer(guild: string, now: number): Promise<void> {
    return this.#turns.run(guild, async () => {
      for (const month of monthsFrom(first, now)) {
        const place = `guild:${guild}:ledger:${month}`;
        // Each shelf after its entries, and the count of shelves last: what a kill left is found again.
        for (let index = await this.#last(place); index >= 0; index--) {
          for (const name of await this.#shelf(place, index)) await this.#store.delete(`${place}:${name}`);
          await this.#own.delete(`${place}:shelves:${index}`);
        }
        await this.#own.delete(`${place}:shelves`);
      }
    });
  }

  /** The entries of a month whose name fits. */
  async #entries(place: string, fits: (name: string) => boolean): Promise<Entry[]> {
    const last = await this.#last(place);
    const shelves = await Promise.all(Array.from({ length: last + 1 }, (_, index) => this.#shelf(place, index)));
    const names = [...new Set(shelves.flat())].filter(fits);
    const entries: (Entry | undefined)[] = [];
    for (let from = 0; from < names.length; from += readsAtOnce) {
      const some = names.slice(from, from + readsAtOnce);
      entries.push(...(await Promise.all(some.map((name) => this.#entry(`${place}:${name}`)))));
    }
    return entries.filter((entry) => entry !== undefined);
  }

  /** Puts names on the last shelf, or a new one. A name may stand on two shelves: it is read once. */
  async #shelve(place: string, names: string[], write: Write): Promise<void> {
    let last = await this.#last(place, this.#own);
    let shelf = await this.#shelf(place, last, this.#own);
    const before = last > 0 && shelf.length < names.length ? await this.#shelf(place, last - 1, this.#own) : [];
    const fresh = names.filter((name) => !shelf.includes(name) && !before.includes(name));
    if (fresh.length === 0) return write([]);
    while (shelf.length + fresh.length > shelfSize && shelf.length > 0) {
      last += 1;
      // It may have names already, where the store has lost the number of the last one.
      shelf = await this.#shelf(place, last, this.#own);
      await this.#own.set(`${place}:shelves`, { v: 1, last });
    }
    await this.#own.set(`${place}:shelves:${last}`, { v: 1, keys: [...shelf, ...fresh] }, write);
  }

  async #last(place: string, from: Pick<Records, 'get'> = this.#store): Promise<number> {
    return (await from.get(`${place}:shelves`, shelvesSchema))?.last ?? 0;
  }

  async #shelf(place: string, index: number, from: Pick<Records, 'get'> = this.#store): Promise<string[]> {
    return (await from.get(`${place}:shelves:${index}`, shelfSchema))?.keys ?? [];
  }

  /** One that cannot be read was set aside; the others still tell what was spent. */
  async #entry(key: string): Promise<Entry | undefined> {
    try {
      return await this.#store.get(key, entrySchema);
    } catch (err) {
      if (!(err instanceof BrokenRecord)) throw err;
      this.#log.error({ err, key }, 'an entry of the ledger cannot be read; its credits are not counted');
      return undefined;
    }
  }
}

const isSettled = (entry: FlowEntry): entry is Entry => entry.state !== 'held';

/** The month that a moment lies in by UTC, as the ledger names it: `2026-11`. */
export const monthOf = (at: number) => new Date(at).toISOString().slice(0, 7);

/** The months by UTC from one moment to another. */
export function monthsFrom(from: number, to: number): string[] {
  const months = new Set<string>();
  for (let at = from; at < to; at += 20 * 24 * 3_600_000) months.add(monthOf(at));
  return [...months.add(monthOf(to))];
}

const placeOf = (guild: string, at: number) => `guild:${guild}:ledger:${monthOf(at)}`;

/** A flow that was started again after a lost answer has the entries of both starts: the moment tells them apart. */
const nameOf = ({ flow, at, run }: Entry) => `${flow}:${at.toString(36)}-${run}`;
