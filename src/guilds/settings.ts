import PQueue from 'p-queue';
import { z } from 'zod';
import type { Store } from '../state/store.ts';
import { type Limit, limitSchema } from './limits.ts';
import { isTimeZone } from './period.ts';

/** Loose, because an earlier version kept there how often each model was used; that stays as it is. */
const settingsSchema = z.looseObject({
  v: z.literal(1),
  /** By which days, weeks and months begin. One that is no longer known counts as UTC. */
  timeZone: z.string().refine(isTimeZone).default('UTC').catch('UTC'),
  limits: z.array(limitSchema).default([]),
});
type StoredSettings = z.infer<typeof settingsSchema>;

/** What a server has decided. */
export type Settings = Pick<StoredSettings, 'timeZone' | 'limits'>;

/** What people of a server can set; kept in memory once read, because a server belongs to one process only. */
export class GuildSettings {
  readonly #store: Store;
  readonly #known = new Map<string, StoredSettings>();
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store) {
    this.#store = store;
  }

  /** What holds in a server. Answers from memory after the first time; throws when the store cannot be read. */
  async of(guild: string): Promise<Settings> {
    return this.#known.get(guild) ?? this.#load(guild);
  }

  /** The same without waiting; undefined when it was not read yet. */
  known(guild: string): Settings | undefined {
    return this.#known.get(guild);
  }

  /** Puts a limit in the place of the one with the same id, if there is one. Throws when it cannot be written. */
  setLimit(guild: string, limit: Limit): Promise<void> {
    return this.#change(guild, (limits) => [...limits.filter(({ id }) => id !== limit.id), limit]);
  }

  /** Removes a limit. Throws when that cannot be written. */
  removeLimit(guild: string, id: string): Promise<void> {
    return this.#change(guild, (limits) => limits.filter((limit) => limit.id !== id));
  }

  #change(guild: string, change: (limits: Limit[]) => Limit[]): Promise<void> {
    return this.#queue.add(async () => {
      const before = this.#known.get(guild) ?? (await this.#load(guild));
      const after = { ...before, limits: change(before.limits) };
      await this.#store.set(keyOf(guild), after);
      this.#known.set(guild, after);
    });
  }

  async #load(guild: string): Promise<StoredSettings> {
    const stored = await this.#store.get(keyOf(guild), settingsSchema);
    // Whoever changed them meanwhile knows better.
    const settings = this.#known.get(guild) ?? stored ?? settingsSchema.parse({ v: 1 });
    this.#known.set(guild, settings);
    return settings;
  }
}

const keyOf = (guild: string) => `guild:${guild}`;
