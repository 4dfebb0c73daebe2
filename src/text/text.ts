import { type Formatters, IntlMessageFormat } from 'intl-messageformat';
import { codeOf } from './codes.ts';
import en from './en.json' with { type: 'json' };
import type { TextKey, Texts } from './keys.ts';
import { type MessageTree, messagesOf } from './messages.ts';

/** The languages that have texts. */
type Locale = 'en';

type All<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer Each) => void
  ? Each
  : never;

/** What a sentence is filled with: nothing, or an object with its parameters. Of several keys at once, those of each. */
type Parameters<Key extends TextKey> = [Texts[Key]] extends [undefined]
  ? []
  : [parameters: All<Exclude<Texts[Key], undefined>>];

/** All texts of one language. */
interface Text {
  /**
   * One sentence, filled in. Parameters are taken as they are: what somebody typed must be made harmless first (`plain`,
   * `brief`), because Discord reads Markdown in it.
   */
  t<Key extends TextKey>(key: Key, ...parameters: Parameters<Key>): string;
  /** “a, b and c” */
  allOf(items: string[]): string;
  /** “a, b or c” */
  anyOf(items: string[]): string;
  /** A size as people read it: `12 kB`, `30 MB`. */
  size(bytes: number): string;
  /** What people call a language, by its code; undefined for one that does not exist. */
  languageName(code: string): string | undefined;
  /** A day, where Discord takes no time of its own: `Nov 25, 2026`. */
  day(at: number): string;
}

const trees: Record<Locale, MessageTree> = { en };
const made = new Map<Locale, Text>();

/** The texts of a language. Each message is compiled when it is first needed, and then kept. */
function text(locale: Locale): Text {
  const known = made.get(locale);
  if (known) return known;
  const fresh = textOf(locale, new Map(messagesOf(trees[locale])));
  made.set(locale, fresh);
  return fresh;
}

function textOf(locale: Locale, messages: Map<string, string>): Text {
  const compiled = new Map<string, IntlMessageFormat>();
  const compile = (key: string) => {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`There is no sentence ${key} in ${locale}`);
    // A tag would be read into an address or a time of Discord's, such as <t:1:R>.
    const format = new IntlMessageFormat(message, locale, undefined, {
      ignoreTag: true,
      requiresOtherClause: false,
      formatters,
    });
    compiled.set(key, format);
    return format;
  };
  const listOf = (type: 'conjunction' | 'disjunction') => new Intl.ListFormat(britishLists(locale), { type });
  const [conjunction, disjunction] = [listOf('conjunction'), listOf('disjunction')];
  const sizeIn = (unit: 'kilobyte' | 'megabyte') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: 0 });
  const [kilobytes, megabytes] = [sizeIn('kilobyte'), sizeIn('megabyte')];
  function t<Key extends TextKey>(key: Key, ...parameters: Parameters<Key>): string;
  function t(key: string, parameters?: Record<string, string | number>): string {
    const sentence = String((compiled.get(key) ?? compile(key)).format(parameters));
    const code = codeOf(key);
    return code === undefined ? sentence : `${sentence} (${code})`;
  }
  const languages = new Intl.DisplayNames([locale], { type: 'language', fallback: 'none' });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    t,
    languageName: (code) => languages.of(code),
    day: (at) => days.format(at),
    allOf: (items) => conjunction.format(items),
    anyOf: (items) => disjunction.format(items),
    size: (bytes) =>
      bytes < 1_000_000 ? kilobytes.format(Math.max(1, bytes / 1000)) : megabytes.format(bytes / 1_000_000),
  };
}

/** English without a comma before “and”. */
const britishLists = (locale: Locale) => (locale === 'en' ? 'en-GB' : locale);

/** The tools of `Intl`, which are slow to make, for all sentences together. */
const formatters: Formatters = {
  getNumberFormat: kept((...options) => new Intl.NumberFormat(...options)),
  getDateTimeFormat: kept((...options) => new Intl.DateTimeFormat(...options)),
  getPluralRules: kept((...options) => new Intl.PluralRules(...options)),
};

function kept<Options extends unknown[], Tool>(make: (...options: Options) => Tool): (...options: Options) => Tool {
  const tools = new Map<string, Tool>();
  return (...options) => {
    const key = JSON.stringify(options);
    const tool = tools.get(key) ?? make(...options);
    tools.set(key, tool);
    return tool;
  };
}

/** English, until people choose. */
export const { t, allOf, anyOf, size, day, languageName } = text('en');
