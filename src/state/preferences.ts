import { z } from 'zod';
import type { Store } from './store.ts';

const preferencesSchema = z.object({
  v: z.literal(1),
  /** Whether the person is mentioned when something they waited for is over. */
  mentions: z.boolean().default(true),
  /** Who pays where both could: the person's own account, or that of the server. */
  account: z.enum(['own', 'server']).default('own'),
});

export type Preference = Omit<z.infer<typeof preferencesSchema>, 'v'>;

/** What a person has chosen for themselves, wherever they use the bot. */
export class Preferences {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What this person chose, or what holds for everybody. Throws when the store cannot be read. */
  async of(person: string): Promise<Preference> {
    return (await this.chosen(person)) ?? { mentions: true, account: 'own' };
  }

  /** What this person chose; undefined when they chose nothing. Throws when the store cannot be read. */
  async chosen(person: string): Promise<Preference | undefined> {
    const kept = await this.#store.get(keyOf(person), preferencesSchema);
    return kept && { mentions: kept.mentions, account: kept.account };
  }

  /** Removes what a person chose. Throws when that cannot be written. */
  async forget(person: string): Promise<void> {
    await this.#store.delete(keyOf(person));
  }

  /** Keeps what a person chose. Throws when it cannot be written. */
  async set(person: string, preference: Preference): Promise<void> {
    await this.#store.set(keyOf(person), { v: 1, ...preference });
  }
}

const keyOf = (person: string) => `person:${person}`;
