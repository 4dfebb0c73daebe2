import { AsyncLocalStorage } from 'node:async_hooks';
import { type Formatters, IntlMessageFormat } from 'intl-messageformat';
import { codeOf } from './codes.ts';
import * as names from './commandNames.ts';
import type { TextKey, Texts } from './keys.ts';
import { type Locale, languageOf } from './languages.ts';
import { messagesOf } from './messages.ts';
import type { Values } from './parameters.ts';

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
  /** A command as people type it, or a part of one, without the slash: `budget set`. */
  commandName(name: string): string;
}

/** Sentences that whoever runs the bot has put in the place of its own: by language and key. */
export type Overrides = ReadonlyMap<Locale, ReadonlyMap<string, string>>;

/** The texts of each language, as far as they were needed. */
const made = new Map<Locale, Text>();
let overrides: Overrides = new Map();

/** Puts these sentences in the place of the bot's own, for the whole process; those that were put there before go. */
export function overrideTexts(sentences: Overrides): void {
  if (sentences.size === 0 && overrides.size === 0) return;
  overrides = sentences;
  made.clear();
}

/** Those that hold now: the same object as long as nothing changes. */
export const overridesNow = (): Overrides => overrides;

/** The texts of a language. Each message is compiled when it is first needed, and then kept. */
function textIn(locale: Locale): Text {
  const known = made.get(locale);
  if (known) return known;
  // A sentence that a language lacks is said in English: better that than none.
  const trees = [languageOf('en').messages, languageOf(locale).messages];
  const fresh = textOf(
    locale,
    new Map([...trees.flatMap((tree) => messagesOf(tree)), ...(overrides.get(locale) ?? [])]),
  );
  made.set(locale, fresh);
  return fresh;
}

function textOf(locale: Locale, messages: Map<string, string>): Text {
  const own = languageOf(locale).names;
  const commandName = (name: string) => names.commandName(name, own);
  const compiled = new Map<string, (parameters?: Values) => string>();
  const compile = (key: string) => {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`There is no sentence ${key} in ${locale}`);
    const format = formatOf(names.withOwnNames(message, own), locale);
    const isAboutNames = own && (message.includes('/{command}') || message.includes('{option}'));
    const fill = (parameters?: Values) => String(format.format(isAboutNames ? withNames(parameters) : parameters));
    compiled.set(key, fill);
    return fill;
  };
  const withNames = ({ command, option, ...others }: Values = {}) => ({
    ...others,
    ...(command === undefined ? {} : { command: commandName(String(command)) }),
    ...(option === undefined ? {} : { option: own?.option[option] ?? option }),
  });
  const listOf = (type: 'conjunction' | 'disjunction') => new Intl.ListFormat(britishLists(locale), { type });
  const [conjunction, disjunction] = [listOf('conjunction'), listOf('disjunction')];
  const sizeIn = (unit: 'kilobyte' | 'megabyte') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: 0 });
  const [kilobytes, megabytes] = [sizeIn('kilobyte'), sizeIn('megabyte')];
  function t<Key extends TextKey>(key: Key, ...parameters: Parameters<Key>): string;
  function t(key: string, parameters?: Values): string {
    const sentence = (compiled.get(key) ?? compile(key))(parameters);
    const code = codeOf(key);
    return code === undefined ? sentence : `${sentence} (${code})`;
  }
  const languages = new Intl.DisplayNames([locale], { type: 'language', fallback: 'none' });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    t,
    commandName,
    languageName: (code) => languages.of(code),
    day: (at) => days.format(at),
    allOf: (items) => conjunction.format(items),
    anyOf: (items) => disjunction.format(items),
    size: (bytes) =>
      bytes < 1_000_000 ? kilobytes.format(Math.max(1, bytes / 1000)) : megabytes.format(bytes / 1_000_000),
  };
}

/** A tag would be read into an address or a time of Discord's, such as <t:1:R>. */
const formatOf = (message: string, locale: Locale) =>
  new IntlMessageFormat(message, locale, undefined, { ignoreTag: true, requiresOtherClause: false, formatters });

/** A message of any language, filled in as it is. */
export const filledIn = (message: string, locale: Locale, values: Values): string =>
  String(formatOf(message, locale).format(values));

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

const spoken = new AsyncLocalStorage<Locale>();

/** Does something in a language: everything that is said meanwhile, also later in what it began, is said in it. */
export const speaking = <Result>(locale: Locale, work: () => Result): Result => spoken.run(locale, work);

/** The language in which something is said now; English where nobody has chosen one. */
export const spokenLanguage = (): Locale => spoken.getStore() ?? 'en';

const texts = () => textIn(spokenLanguage());

/** The texts of the language that is spoken. */
export const t: Text['t'] = (...said) => texts().t(...said);
export const allOf: Text['allOf'] = (items) => texts().allOf(items);
export const anyOf: Text['anyOf'] = (items) => texts().anyOf(items);
export const size: Text['size'] = (bytes) => texts().size(bytes);
export const day: Text['day'] = (at) => texts().day(at);
export const languageName: Text['languageName'] = (code) => texts().languageName(code);
export const commandName: Text['commandName'] = (name) => texts().commandName(name);
