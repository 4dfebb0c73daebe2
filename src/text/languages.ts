import type { CommandNames } from './commandNames.ts';
import de from './de.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import ja from './ja.json' with { type: 'json' };
import type { MessageTree } from './messages.ts';
import deNames from './names/de.json' with { type: 'json' };
import esNames from './names/es.json' with { type: 'json' };
import frNames from './names/fr.json' with { type: 'json' };
import jaNames from './names/ja.json' with { type: 'json' };
import ptBRNames from './names/pt-BR.json' with { type: 'json' };
import ptBR from './pt-BR.json' with { type: 'json' };

/** What belongs to a language. */
interface Language {
  messages: MessageTree;
  /** What commands, their parts and their options are called; left out where they have the names of the definitions. */
  names?: CommandNames;
  /** The languages of Discord's app that are this one (docs: reference, Locales). */
  discord: [string, ...string[]];
}

/** Every language the bot speaks, by its code. */
const languages = {
  en: { messages: en, discord: ['en-US', 'en-GB'] },
  de: { messages: de, names: deNames, discord: ['de'] },
  fr: { messages: fr, names: frNames, discord: ['fr'] },
  es: { messages: es, names: esNames, discord: ['es-ES', 'es-419'] },
  'pt-BR': { messages: ptBR, names: ptBRNames, discord: ['pt-BR'] },
  ja: { messages: ja, names: jaNames, discord: ['ja'] },
} satisfies Record<string, Language>;

export type Locale = keyof typeof languages;

const byCode: Record<Locale, Language> = languages;

/** Whether a code is that of one of our languages, exactly. */
export const isLocale = (code: string): code is Locale => Object.hasOwn(byCode, code);

/** The codes of all languages, English first. */
export const locales = Object.keys(languages).filter(isLocale);

export const languageOf = (locale: Locale): Language => byCode[locale];

/**
 * The language of ours that is nearest to a code such as `de-AT`, `es-419` or `pt_PT.UTF-8`; undefined where none is, and
 * where nothing is known.
 */
export function nearest(code: string | null | undefined): Locale | undefined {
  const [wanted] = (code ?? '').toLowerCase().split(/[^a-z]/);
  return locales.find((locale) => locale.split('-')[0] === wanted);
}

/** What people who speak a language call it: `Deutsch`. */
export function ownName(locale: Locale): string {
  const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}
