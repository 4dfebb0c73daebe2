import pTimeout from 'p-timeout';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Preferences } from '../state/preferences.ts';
import { type Locale, nearest } from '../text/languages.ts';
import type { GuildSettings } from './settings.ts';

/** The languages in which an interaction is answered. */
export interface SpokenTo {
  /** What only the person reads. */
  person: Locale;
  /** What everybody reads there. */
  everybody: Locale;
}

interface LanguagesParts {
  preferences: Pick<Preferences, 'languageOf'>;
  settings: Pick<GuildSettings, 'of' | 'known'>;
  /** The language that a server has in Discord, in Discord's code; undefined where it is not known. */
  inDiscord(guild: string): string | null | undefined;
  clock: Clock;
  log: Logger;
  /** By how much the store is waited for longer than usual; less than 1: shorter. */
  waitFactor: number;
}

/** Milliseconds the store is waited for: whoever presses something waits for 3 seconds at most. */
const storeWithin = 500;

/** In which language somebody is spoken to: the one they chose, or the one they have in Discord. Never throws. */
export class Languages {
  readonly #parts: LanguagesParts;

  constructor(parts: LanguagesParts) {
    this.#parts = parts;
  }

  /** The language of a server: the one in its settings, else the one it has in Discord, else English. */
  async ofServer(guild: string, inDiscord = this.#parts.inDiscord(guild)): Promise<Locale> {
    const { settings } = this.#parts;
    const decided = settings.known(guild) ?? (await this.#soon(settings.of(guild)));
    return decided?.rules.language ?? nearest(inDiscord) ?? 'en';
  }

  /**
   * The language of a person: the one they chose, else the one of their Discord, else that of the server.
   *
   * @param inDiscord the one of their Discord, in Discord's code, where it is known
   * @param guild where they are; null in a DM
   */
  async ofPerson(person: string, inDiscord: string | undefined, guild: string | null): Promise<Locale> {
    const { preferences, clock } = this.#parts;
    const chosen = await this.#soon(preferences.languageOf(person, clock.now()));
    return chosen ?? nearest(inDiscord) ?? (guild === null ? 'en' : this.ofServer(guild));
  }

  /** In which languages an interaction is answered. */
  async spokenTo({ user, locale, guildId, guildLocale }: Interaction): Promise<SpokenTo> {
    const person = await this.ofPerson(user.id, locale, guildId);
    return { person, everybody: guildId === null ? person : await this.ofServer(guildId, guildLocale) };
  }

  /** What the store says, if it can say so soon; else the answer comes in the next best language. */
  async #soon<Result>(read: Result | Promise<Result>): Promise<Result | undefined> {
    if (!(read instanceof Promise)) return read;
    const { log, waitFactor } = this.#parts;
    const patient = pTimeout(read, { milliseconds: storeWithin * waitFactor, message: false });
    return patient.catch((err) => {
      log.warn({ err }, 'a language could not be read');
      return undefined;
    });
  }
}

/** What is known of whoever sent an interaction, in Discord's codes. */
interface Interaction {
  user: { id: string };
  locale: string;
  guildId: string | null;
  guildLocale: string | null;
}
