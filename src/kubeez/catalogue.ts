import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { modelsSchema, type Row } from './answers.ts';
import { type Model, modelOf } from './model.ts';

/** Where the last good copy lies, for a start while the platform is away. */
export interface CatalogueCopy {
  load(): Promise<unknown>;
  save(copy: { rows: Row[]; readAt: number }): Promise<void>;
}

interface Parts {
  read: () => Promise<Row[]>;
  copy: CatalogueCopy;
  clock: Clock;
  log: Logger;
}

const refreshEvery = 10 * 60_000;
/** A first start waits this long for its first catalogue. */
const firstReadMost = 5_000;
const whileAsked = 1_500;
const retryEvery = 30_000;
/** A row younger than this is as good as a new one. */
const freshFor = 60_000;

/** A stored catalogue, and when it was read (milliseconds since 1970). */
export const copySchema = z.object({ rows: modelsSchema, readAt: z.number() });

/** The models of the platform, answered from memory and kept fresh in the background. */
export class Catalogue {
  readonly #parts: Parts;
  #models = new Map<string, Model>();
  #readAt = 0;
  #reading: Promise<void> | undefined;
  #stopTimer = () => {};
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Fills memory from the last good copy and reads on in the background. Without a copy the first read is waited for,
   * but not for long: the bot starts while the platform is away as well. Never throws.
   */
  async start(): Promise<void> {
    const { copy, log } = this.#parts;
    try {
      const stored = copySchema.safeParse(await copy.load());
      if (stored.success) this.#fill(stored.data.rows, stored.data.readAt);
    } catch (err) {
      log.warn({ err }, 'the stored catalogue could not be read');
    }
    const first = this.#refreshForever();
    if (this.#models.size === 0)
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, firstReadMost).unref())]);
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  /** All models, from memory; empty until the catalogue was read once. */
  all(): Model[] {
    return [...this.#models.values()];
  }

  /** A model by its id, from memory. */
  get(id: string): Model | undefined {
    return this.#models.get(id);
  }

  /**
   * Reads if nothing could be read so far, such as when the first account was connected. It is waited for half of the
   * three seconds in which Discord wants an answer, and goes on after that. Never throws.
   *
   * @param read through whose account to read
   */
  async firstRead(read = this.#parts.read): Promise<void> {
    if (this.#models.size > 0) return;
    const reading = this.#read(read).catch((err) => this.#parts.log.warn({ err }, 'the catalogue could not be read'));
    await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, whileAsked).unref())]);
  }

  /**
   * A model with a price one can rely on: read within the last minute and not before `notBefore` (ms since 1970).
   * Undefined when the server no longer has it; throws KubeezError when it cannot be asked.
   *
   * @param read through whose account to read, if it must be
   */
  async current(id: string, notBefore: number, read = this.#parts.read): Promise<Model | undefined> {
    const isFresh = this.#readAt > notBefore && this.#parts.clock.now() - this.#readAt < freshFor;
    if (!isFresh) await this.#read(read);
    return this.#models.get(id);
  }

  /** Reads once, however many ask at the same time. */
  #read(read = this.#parts.read): Promise<void> {
    this.#reading ??= this.#load(read).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #load(read: () => Promise<Row[]>): Promise<void> {
    const { copy, clock, log } = this.#parts;
    const askedAt = clock.now();
    const rows = await read();
    this.#fill(rows, askedAt);
    await copy.save({ rows, readAt: askedAt }).catch((err) => log.warn({ err }, 'the catalogue could not be stored'));
  }

  #fill(rows: Row[], readAt: number): void {
    this.#models = new Map(rows.map((row) => [row.model_id, modelOf(row)]));
    this.#readAt = readAt;
  }

  async #refreshForever(): Promise<void> {
    const { clock, log } = this.#parts;
    let pause = refreshEvery;
    try {
      await this.#read();
    } catch (err) {
      log.warn({ err }, 'the catalogue could not be read');
      pause = retryEvery;
    }
    if (!this.#stopped) this.#stopTimer = clock.wakeAt(clock.now() + pause, () => void this.#refreshForever());
  }
}
