import { z } from 'zod';
import { type Clock, pause } from '../clock.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import type { Logger } from '../log.ts';
import type { EndedFlows } from '../state/endedFlows.ts';
import type { History } from '../state/history.ts';
import { betweenShelves, type Shelves } from '../state/shelves.ts';
import { BrokenRecord, type Store } from '../state/store.ts';
import type { Runner } from './runner.ts';

const day = 24 * 3_600_000;
/** Milliseconds until a sweep that failed is tried again. */
const retryAfter = 10 * 60_000;
/** Flows cleared at the same time. */
const clearedAtOnce = 5;

/** How far a list was gone through: the first shelf that is still to be looked at, and those before it with flows that were kept. */
const progressSchema = z.object({ next: z.number(), left: z.array(z.number()) });
type Progress = z.infer<typeof progressSchema>;
const atFirst: Progress = { next: 0, left: [] };

const stateSchema = z.object({
  v: z.literal(1),
  made: progressSchema.default(atFirst),
  ended: progressSchema.default(atFirst),
});

/** An entry whose flow has an end. */
interface Clearable {
  flow: string;
  at: number;
  cleared: boolean;
}

interface RetentionParts {
  store: Store;
  settings: Pick<GuildSettings, 'retentionOf'>;
  history: History;
  endedFlows: EndedFlows;
  runner: Pick<Runner, 'clear'>;
  clock: Clock;
  log: Logger;
}

/**
 * Removes what people wrote, files and links from flows that ended more days ago than their server keeps them. It looks
 * at each shelf of a server's lists once, and again only where a flow had to be kept, so that what a day takes does not grow
 * with what is kept. A kill in the middle does no harm: the next start goes on.
 */
export class Retention {
  readonly #parts: RetentionParts;
  #isStopped = false;
  #cancel = () => {};
  #sweeping: Promise<boolean> | undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /**
   * Sweeps now, and every day.
   *
   * @param servers those of this process, as they are then
   */
  start(servers: () => readonly string[]): void {
    this.#sweeping = this.#sweepAll(servers());
    void this.#sweeping.then((isDone) => {
      const { clock } = this.#parts;
      if (!this.#isStopped)
        this.#cancel = clock.wakeAt(clock.now() + (isDone ? day : retryAfter), () => this.start(servers));
    });
  }

  /** Removes what was noted of a server. Throws when that cannot be written. */
  async forgetServer(guild: string): Promise<void> {
    await this.#parts.store.delete(keyOf(guild));
  }

  /** Begins nothing more, and resolves once what was begun has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#sweeping;
  }

  /** Goes through the servers one after another. Gives whether each of them could be swept. */
  async #sweepAll(servers: readonly string[]): Promise<boolean> {
    let isDone = true;
    for (const guild of servers) {
      try {
        const days = this.#isStopped ? null : await this.#parts.settings.retentionOf(guild);
        if (days !== null) await this.#sweep(guild, days);
      } catch (err) {
        isDone = false;
        if (!this.#isStopped) this.#parts.log.warn({ err, guild }, 'not all that is too old was removed; trying again');
      }
    }
    return isDone;
  }

  async #sweep(guild: string, days: number): Promise<void> {
    const { store, history, endedFlows, clock } = this.#parts;
    const before = clock.now() - days * day;
    const key = keyOf(guild);
    let state = await this.#progress(key);
    const keep = async (changes: Partial<typeof state>) => {
      state = { ...state, ...changes };
      await store.set(key, state);
    };
    await this.#sweepList(guild, before, state.made, history.shelves, (made) => keep({ made }), clearEntry);
    await this.#sweepList(guild, before, state.ended, endedFlows.shelves, (ended) => keep({ ended }), noteCleared);
  }

  /** One that cannot be read was set aside: everything is looked at once more. */
  async #progress(key: string): Promise<z.infer<typeof stateSchema>> {
    try {
      return (await this.#parts.store.get(key, stateSchema)) ?? stateSchema.parse({ v: 1 });
    } catch (error) {
      if (error instanceof BrokenRecord) return stateSchema.parse({ v: 1 });
      throw error;
    }
  }

  /** Goes through a list, first where flows had to be kept, then on from where it was. */
  async #sweepList<Entry extends Clearable>(
    guild: string,
    before: number,
    { next, left }: Progress,
    shelves: Shelves<Entry>,
    keep: (progress: Progress) => Promise<void>,
    clear: (entry: Entry) => Entry,
  ): Promise<void> {
    const stillLeft = [...left];
    for (const index of left) {
      if (!(await this.#sweepShelf(guild, before, index, shelves, clear)).isClear) continue;
      stillLeft.splice(stillLeft.indexOf(index), 1);
      await keep({ next, left: [...stillLeft] });
    }
    // The last one is still being filled.
    const last = await shelves.last(guild);
    for (let index = next; index <= last && !this.#isStopped; index++) {
      const { isOld, isClear } = await this.#sweepShelf(guild, before, index, shelves, clear);
      if (!isOld || index === last) return;
      if (!isClear) stillLeft.push(index);
      await keep({ next: index + 1, left: [...stillLeft] });
      await pause(this.#parts.clock, betweenShelves);
    }
  }

  /** Clears the flows on a shelf. Gives whether all of it is old enough, and whether all of it is cleared by now. */
  async #sweepShelf<Entry extends Clearable>(
    guild: string,
    before: number,
    index: number,
    shelves: Shelves<Entry>,
    clear: (entry: Entry) => Entry,
  ): Promise<{ isOld: boolean; isClear: boolean }> {
    const entries = await shelves.read(guild, index);
    const old = entries.filter(({ at }) => at <= before);
    const due = old.filter((entry) => !entry.cleared);
    const done = new Set<string>();
    for (let from = 0; from < due.length; from += clearedAtOnce)
      await Promise.all(
        due.slice(from, from + clearedAtOnce).map(async ({ flow }) => {
          if (await this.#clear(flow, before)) done.add(flow);
        }),
      );
    // The flows first: cut off in between, they are found again.
    if (done.size > 0) await shelves.change(guild, index, (entry) => (done.has(entry.flow) ? clear(entry) : entry));
    return { isOld: old.length === entries.length, isClear: done.size === due.length };
  }

  async #clear(flow: string, before: number): Promise<boolean> {
    if (this.#isStopped) throw new Error('The bot stops');
    try {
      return await this.#parts.runner.clear(flow, before);
    } catch (error) {
      // It was set aside, and whoever runs the bot was told.
      if (error instanceof BrokenRecord) return true;
      throw error;
    }
  }
}

const clearEntry = <Entry extends Clearable & { about: string }>(entry: Entry): Entry => ({
  ...entry,
  about: '',
  cleared: true,
});

const noteCleared = <Entry extends Clearable>(entry: Entry): Entry => ({ ...entry, cleared: true });

const keyOf = (guild: string) => `guild:${guild}:retention`;
