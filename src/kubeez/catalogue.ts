import { isDeepStrictEqual } from 'node:util';
import pTimeout from 'p-timeout';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { modelsSchema, type Row } from './answers.ts';
import type { PickRequest } from './kubeez.ts';
import { type Model, modelOf } from './model.ts';
import type { Capability } from './tools.ts';

/** Where the last good copy lies, for a start while the platform is away. */
interface CatalogueCopy {
  load(): Promise<unknown>;
  save(copy: Copy): Promise<void>;
}

interface Parts {
  read: () => Promise<Row[]>;
  /** Kinds of work for which the server is asked to pick a model, by name, and how it is asked. */
  picks: { kinds: Record<string, PickRequest>; read(request: PickRequest): Promise<string | undefined> };
  copy: CatalogueCopy;
  clock: Clock;
  log: Logger;
}

const refreshEvery = 10 * 60_000;
/** A first start waits this long for its first catalogue. */
const maxFirstRead = 5_000;
const whileAsked = 1_500;
const retryEvery = 30_000;
/** A row newer than this is not read again. */
const freshFor = 60_000;

/**
 * A stored catalogue, and when it was read (milliseconds since 1970); also what the server was last known to offer
 * (null: not known), and the models that it picks for kinds of work.
 */
export const copySchema = z.object({
  rows: modelsSchema,
  readAt: z.number(),
  offered: z.array(z.string()).nullable().default(null),
  picks: z.record(z.string(), z.string()).default({}),
});

type Copy = z.infer<typeof copySchema>;

/** The models of the platform, answered from memory and kept fresh in the background. */
export class Catalogue {
  readonly #parts: Parts;
  #models = new Map<string, Model>();
  #all: readonly Model[] = [];
  #copy: Copy = { rows: [], readAt: 0, offered: null, picks: {} };
  /** What the stored copy says. */
  #saved: Copy | undefined;
  #recalled: unknown;
  #reading: Promise<void> | undefined;
  #stopTimer = () => {};
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Fetches the last good copy; it counts from {@link start} on, because to take it apart is not done in a moment. Never throws. */
  async recall(): Promise<void> {
    const { copy, log } = this.#parts;
    try {
      this.#recalled = await copy.load();
    } catch (err) {
      log.warn({ err }, 'the stored catalogue could not be read');
    }
  }

  /**
   * Fills memory from the copy, at once, and reads on in the background. Without a copy the first read is waited for, but not
   * for long: the bot starts while the platform is away as well. Never throws.
   */
  async start(): Promise<void> {
    const stored = copySchema.safeParse(this.#recalled);
    this.#recalled = undefined;
    if (stored.success) this.#fill(stored.data);
    const first = this.#refreshForever();
    if (this.#models.size === 0) await pTimeout(first, { milliseconds: maxFirstRead, message: false });
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  /** All models, from memory: the same list until there is another. Empty until the catalogue was read once. */
  all(): readonly Model[] {
    return this.#all;
  }

  /** A model by its id, from memory. */
  get(id: string): Model | undefined {
    return this.#models.get(id);
  }

  /** The model that the server picks for a kind of work; undefined when it picks none, or a row that is gone. */
  picked(kind: string): Model | undefined {
    return this.get(this.#copy.picks[kind] ?? '');
  }

  /** Whether the server offers this, as far as is known: undefined when it was never reached. */
  offers(capability: Capability): boolean | undefined {
    return this.#copy.offered?.includes(capability);
  }

  /** Keeps what the server offers, so that the next start knows it. A server that seems to offer nothing is not believed. */
  noteOffered(offered: Capability[]): void {
    if (offered.length === 0) return;
    const isKnown = this.#copy.offered?.length === offered.length && offered.every((one) => this.offers(one));
    this.#copy = { ...this.#copy, offered };
    if (!isKnown && this.#copy.rows.length > 0) void this.#save();
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
    await pTimeout(reading, { milliseconds: whileAsked, message: false });
  }

  /**
   * A model with a price one can rely on: read within the last minute and not before `notBefore` (ms since 1970).
   * Undefined when the server no longer has it; throws KubeezError when it cannot be asked.
   *
   * @param read through whose account to read, if it must be
   */
  async current(id: string, notBefore: number, read = this.#parts.read): Promise<Model | undefined> {
    const { readAt } = this.#copy;
    const isFresh = readAt > notBefore && this.#parts.clock.now() - readAt < freshFor;
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
    const readAt = this.#parts.clock.now();
    const rows = await read();
    this.#fill({ ...this.#copy, rows, readAt });
    await this.#save();
  }

  async #save(): Promise<void> {
    const { copy, log } = this.#parts;
    const saving = this.#copy;
    if (this.#saved && isAsGood(this.#saved, saving)) return;
    try {
      await copy.save(saving);
      this.#saved = saving;
    } catch (err) {
      log.warn({ err }, 'the catalogue could not be stored');
    }
  }

  #fill(copy: Copy): void {
    this.#models = new Map(copy.rows.map((row) => [row.model_id, modelOf(row)]));
    this.#all = [...this.#models.values()];
    this.#copy = { ...copy, offered: this.#copy.offered ?? copy.offered };
  }

  /** Asks the server for its picks, one after the other. What is not answered stays as it was. */
  async #readPicks(): Promise<void> {
    const { picks, log } = this.#parts;
    const read: Record<string, string> = {};
    try {
      for (const [kind, request] of Object.entries(picks.kinds)) {
        const model = await picks.read(request);
        if (model !== undefined) read[kind] = model;
      }
    } catch (err) {
      log.debug({ err }, 'not every pick of a model could be read');
    }
    if (Object.entries(read).every(([kind, model]) => this.#copy.picks[kind] === model)) return;
    this.#copy = { ...this.#copy, picks: { ...this.#copy.picks, ...read } };
    await this.#save();
    log.debug({ picks: this.#copy.picks }, 'Kubeez picks these models');
  }

  async #refreshForever(): Promise<void> {
    const { clock, log } = this.#parts;
    let pause = refreshEvery;
    try {
      await this.#read();
      // Nobody waits for these.
      void this.#readPicks();
    } catch (err) {
      log.warn({ err }, 'the catalogue could not be read');
      pause = retryEvery;
    }
    if (!this.#stopped) this.#stopTimer = clock.wakeAt(clock.now() + pause, () => void this.#refreshForever());
  }
}

/** Whether a stored copy need not be written anew: it says the same, and was read a short time before. */
const isAsGood = (stored: Copy, copy: Copy): boolean =>
  copy.readAt - stored.readAt < refreshEvery && isDeepStrictEqual({ ...stored, readAt: copy.readAt }, copy);
