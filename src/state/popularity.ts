import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { BrokenRecord, type Store } from './store.ts';

const countsSchema = z.object({ v: z.literal(1), models: z.record(z.string(), z.number()).default({}) });

/** Milliseconds for which uses are counted in memory alone. */
const writtenWithin = 60_000;

/** How often each model was paid for in a server; autocomplete puts the usual ones first. A kill may lose the latest minute. */
export class Popularity {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #counts = new Map<string, Map<string, number>>();
  /** Servers whose record lacks the latest uses. */
  readonly #unwritten = new Set<string>();
  #isWaiting = false;

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
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
    this.#unwritten.add(guild);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#clock.wakeAt(this.#clock.now() + writtenWithin, () => {
      this.#isWaiting = false;
      void this.write();
    });
  }

  /** Writes what is counted in memory alone. What cannot be written is written with the next use. Never throws. */
  async write(): Promise<void> {
    const guilds = [...this.#unwritten];
    this.#unwritten.clear();
    try {
      await this.#store.setAll(
        guilds.map((guild) => [keyOf(guild), { v: 1, models: Object.fromEntries(this.#counts.get(guild) ?? []) }]),
      );
    } catch (err) {
      for (const guild of guilds) if (this.#counts.has(guild)) this.#unwritten.add(guild);
      this.#log.warn({ err }, 'the uses of models are not written');
    }
  }

  /** Removes what was counted for one person's DMs. Throws when that cannot be written. */
  async forget(person: string): Promise<void> {
    this.#unwritten.delete(person);
    this.#counts.delete(person);
    await this.#store.delete(keyOf(person));
    await this.#store.delete(`guild:${person}`);
    // Read meanwhile.
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
