import { z } from 'zod';
import { type Locale, locales } from '../text/languages.ts';
import type { Store } from './store.ts';

const preferencesSchema = z.object({
  v: z.literal(1),
  /** Whether the person is mentioned when something they waited for is over. */
  mentions: z.boolean().default(true),
  /** Who pays where both could: the person's own account, or that of the server. */
  account: z.enum(['own', 'server']).default('own'),
  /** The language in which they are spoken to; null: the one of their Discord. */
  language: z.enum(locales).nullable().default(null).catch(null),
});

export type Preference = Omit<z.infer<typeof preferencesSchema>, 'v'>;

/** Milliseconds for which a language is known without a look: another process may have heard of another one meanwhile. */
const knownFor = 60_000;
/** People whose language is known at the same time. */
const maxKnown = 5_000;

/** What a person has chosen for themselves, wherever they use the bot. */
export class Preferences {
  readonly #store: Store;
  readonly #languages = new Map<string, { language: Locale | null; until: number }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** What this person chose, or what holds for everybody. Throws when the store cannot be read. */
  async of(person: string): Promise<Preference> {
    return (await this.chosen(person)) ?? { mentions: true, account: 'own', language: null };
  }

  /** What this person chose; undefined when they chose nothing. Throws when the store cannot be read. */
  async chosen(person: string): Promise<Preference | undefined> {
    const kept = await this.#store.get(keyOf(person), preferencesSchema);
    return kept && { mentions: kept.mentions, account: kept.account, language: kept.language };
  }

  /**
   * The language a person chose, or null; answers at once where it was read within the last minute, because everything that
   * a person does begins with this. Rejects when the store cannot be read.
   *
   * @param now milliseconds since 1970
   */
  languageOf(person: string, now: number): Locale | null | Promise<Locale | null> {
    const known = this.#languages.get(person);
    if (known && now < known.until) return known.language;
    return this.of(person).then(({ language }) => {
      this.#languages.set(person, { language, until: now + knownFor });
      if (this.#languages.size > maxKnown)
        for (const oldest of [...this.#languages.keys()].slice(0, maxKnown / 2)) this.#languages.delete(oldest);
      return language;
    });
  }

  /** Removes what a person chose. Throws when that cannot be written. */
  async forget(person: string): Promise<void> {
    await this.#store.delete(keyOf(person));
    this.#languages.delete(person);
  }

  /** Keeps what a person chose. Throws when it cannot be written. */
  async set(person: string, preference: Preference): Promise<void> {
    await this.#store.set(keyOf(person), { v: 1, ...preference });
    this.#languages.delete(person);
  }
}

const keyOf = (person: string) => `person:${person}`;
