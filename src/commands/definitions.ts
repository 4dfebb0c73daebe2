import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord-api-types/v10';
import type { Command, Menu } from '../requests/command.ts';
import { commandName } from '../text/commandNames.ts';
import { type Locale, languageOf, locales } from '../text/languages.ts';
import { type Overrides, overridesNow, speaking } from '../text/text.ts';

/** What Discord is told of a command, of one of its options, or of one of their choices. */
interface Definition {
  type?: number | undefined;
  name: string;
  description?: string | undefined;
  options?: Definition[] | undefined;
  choices?: { name: string; value: string | number }[] | undefined;
}

/** The same with what it says in the other languages, in Discord's codes. */
interface Localised extends Definition {
  name_localizations?: Record<string, string>;
  description_localizations?: Record<string, string>;
}

/** Makes a definition in the language that is spoken. */
type Define = () => Definition;

/** Commands and entries of menus as Discord is told of them, in every language. */
export const definitionsOf = (commands: Command[], menus: Menu[]): Localised[] => [
  ...commands.map(({ name, define }) => localised(define, () => ({ ...define(), name }))),
  ...menus.map(({ define }) => localised(define, define)),
];

/** What was made, by the sentences of whoever runs the bot: each start and each new list of tools asks for all of it. */
const known = new WeakMap<Overrides, Map<object, Localised>>();

/** A definition in every language, made when it is first asked for. */
function localised(key: object, define: Define): Localised {
  const overrides = overridesNow();
  const made = known.get(overrides) ?? new Map<object, Localised>();
  known.set(overrides, made);
  const one = made.get(key) ?? inAllLanguages(define);
  made.set(key, one);
  return one;
}

/** Makes a definition once in each language, and puts all into one. */
function inAllLanguages(define: Define): Localised {
  const others = locales.filter((locale) => locale !== 'en');
  const inOthers = others.map((locale) => ({ locale, made: speaking(locale, define) }));
  return merged(speaking('en', define), inOthers, nameOfCommand);
}

interface InOther {
  locale: Locale;
  made: Definition;
}

/** What something is called in another language. */
type NameIn = (inOther: InOther) => string;

function merged(definition: Definition, inOthers: InOther[], nameIn: NameIn): Localised {
  const { options, choices } = definition;
  const optionIn = (index: number) => inOthers.flatMap(({ locale, made }) => withMade(locale, made.options?.[index]));
  const choiceIn = (index: number) => inOthers.flatMap(({ locale, made }) => withMade(locale, made.choices?.[index]));
  return {
    ...definition,
    ...localisations('name_localizations', inOthers, nameIn),
    ...localisations('description_localizations', inOthers, ({ made }) => made.description),
    ...(options ? { options: options.map((one, index) => merged(one, optionIn(index), nameOfOption)) } : {}),
    ...(choices ? { choices: choices.map((one, index) => ({ ...one, ...namesOf(choiceIn(index)) })) } : {}),
  };
}

const withMade = (locale: Locale, made: Definition | undefined): InOther[] => (made ? [{ locale, made }] : []);

const namesOf = (inOthers: InOther[]) => localisations('name_localizations', inOthers, ({ made }) => made.name);

/** By Discord's codes: a language of ours may be several of its own. */
function localisations(field: string, inOthers: InOther[], textIn: (inOther: InOther) => string | undefined) {
  const all = inOthers.flatMap((inOther) => {
    const text = textIn(inOther);
    return text === undefined ? [] : languageOf(inOther.locale).discord.map((code) => [code, text] as const);
  });
  return all.length > 0 ? { [field]: Object.fromEntries(all) } : {};
}

/** Entries of menus are sentences; commands have names of their own, without spaces. */
const nameOfCommand: NameIn = ({ locale, made: { type, name } }) =>
  type === ApplicationCommandType.Message ? name : commandName(name, languageOf(locale).names);

const nameOfOption: NameIn = ({ locale, made: { type, name } }) => {
  const { subcommand, option } = languageOf(locale).names ?? {};
  return (type === ApplicationCommandOptionType.Subcommand ? subcommand : option)?.[name] ?? name;
};
