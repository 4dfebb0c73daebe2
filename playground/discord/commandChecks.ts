import { z } from 'zod';
import { asDescribed, conform, parse, schemas } from './checks.ts';
import { type Issue, refusals } from './errors.ts';

/** What the documentation says of commands beyond the schema (docs: interactions/application-commands). */

const choiceSchema = z.looseObject({ name: z.unknown(), value: z.unknown() });
const optionSchema = z.looseObject({
  type: z.number(),
  name: z.unknown(),
  description: z.unknown(),
  required: z.boolean().nullish(),
  autocomplete: z.boolean().nullish(),
  choices: z.array(choiceSchema).nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  min_length: z.number().nullish(),
  max_length: z.number().nullish(),
  get options() {
    return z.array(optionSchema).nullish();
  },
});
type Option = z.infer<typeof optionSchema>;
const commandSchema = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  type: z.number().default(1),
  options: z.array(optionSchema).nullish(),
});

const slash = 1;
const types = { subcommand: 1, group: 2, text: 3, integer: 4, number: 10 };
const namePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

/** Lists of commands that were found good: a bot registers the same ones at every start. */
const good = new WeakSet<unknown[]>();

/**
 * Checks a whole set of commands, as people see it in each language: each by schema and rules, its size, names used once, how
 * many there are.
 */
export function checkCommands(body: unknown): unknown[] {
  if (Array.isArray(body) && good.has(body)) return body;
  const list = parse(z.array(z.unknown()), body);
  for (const command of list) conform(schemas.command, asDescribed(command));
  const issues = [
    ...list.flatMap((command, index) => sizeIssues(command, String(index))),
    ...[undefined, ...localesIn(list)].flatMap((locale) => issuesIn(locale, list)),
  ];
  if (issues.length > 0) throw refusals.invalid(issues);
  const commands = list.map((command) => parse(commandSchema, command));
  for (const [type, limit] of Object.entries({ 1: 100, 2: 15, 3: 15 }))
    if (commands.filter((command) => command.type === Number(type)).length > limit)
      throw refusals.tooManyCommands(limit);
  if (Array.isArray(body)) good.add(body);
  return list;
}

/** What is wrong with the commands for people with this language; undefined: with any that is not named. */
function issuesIn(locale: string | undefined, list: unknown[]): Issue[] {
  if (locale !== undefined && !knownLocales.has(locale))
    return [
      issue('name_localizations', `Value must be one of {${[...knownLocales].join(', ')}}.`, 'BASE_TYPE_CHOICES'),
    ];
  const shown = list.map((command) => localised(command, locale));
  const names = shown.map((command) => parse(commandSchema, command)).map(({ type, name }) => `${type}:${name}`);
  return [
    ...shown.flatMap((command, index) => commandIssues(command, String(index))),
    ...(isRepeated(names) ? [issue('name', 'Application command names must be unique')] : []),
  ];
}

function commandIssues(value: unknown, path: string): Issue[] {
  const command = parse(commandSchema, value);
  const options = command.options ?? [];
  if (command.type !== slash) {
    const described = command.description ? [issue(`${path}.description`, 'A menu’s entry has no description')] : [];
    const withOptions = options.length > 0 ? [issue(`${path}.options`, 'A menu’s entry has no options')] : [];
    return [...lengthIssues(command.name, `${path}.name`, 32), ...described, ...withOptions];
  }
  return [
    ...nameIssues(command.name, `${path}.name`),
    ...lengthIssues(command.description, `${path}.description`, 100),
    ...optionsIssues(options, path),
  ];
}

const issue = (path: string, message: string, code = 'APPLICATION_COMMAND_INVALID'): Issue => ({ path, message, code });

function nameIssues(name: unknown, path: string): Issue[] {
  const isGood = typeof name === 'string' && namePattern.test(name) && name === name.toLowerCase();
  return isGood ? [] : [issue(path, 'Command name is invalid', 'APPLICATION_COMMAND_INVALID_NAME')];
}

function lengthIssues(text: unknown, path: string, limit: number): Issue[] {
  const length = typeof text === 'string' ? text.trim().length : 0;
  const isGood = length > 0 && length <= limit;
  return isGood ? [] : [issue(path, `Must be between 1 and ${limit} in length.`, 'BASE_TYPE_BAD_LENGTH')];
}

function optionsIssues(options: Option[], path: string): Issue[] {
  const firstOptional = options.findIndex((option) => !option.required);
  const isOrdered =
    firstOptional < 0 || options.slice(firstOptional).every(({ type, required }) => !required || isGroup(type));
  return [
    ...(options.length > 25
      ? [issue(`${path}.options`, 'Must be 25 or fewer in length.', 'BASE_TYPE_MAX_LENGTH')]
      : []),
    ...(isOrdered
      ? []
      : [
          issue(
            `${path}.options`,
            'Required options must be placed before non-required options',
            'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
          ),
        ]),
    ...(isRepeated(options.map(({ name }) => name))
      ? [
          issue(
            `${path}.options`,
            'Option name already exists for these options',
            'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
          ),
        ]
      : []),
    ...options.flatMap((option, index) => optionIssues(option, `${path}.options.${index}`)),
  ];
}

const isGroup = (type: number) => type === types.subcommand || type === types.group;

function optionIssues(option: Option, path: string): Issue[] {
  const { type, autocomplete, choices, min_value, max_value, min_length, max_length } = option;
  const takesChoices = type === types.text || type === types.integer || type === types.number;
  const isBackwards =
    (min_value ?? Number.NEGATIVE_INFINITY) > (max_value ?? Number.POSITIVE_INFINITY) ||
    (min_length ?? 0) > (max_length ?? 6000);
  return [
    ...nameIssues(option.name, `${path}.name`),
    ...lengthIssues(option.description, `${path}.description`, 100),
    ...(autocomplete && choices?.length
      ? [issue(`${path}.choices`, 'Choices and autocomplete exclude each other')]
      : []),
    ...((autocomplete || choices?.length) && !takesChoices
      ? [issue(`${path}.type`, 'Only texts and numbers are chosen or completed')]
      : []),
    ...(isBackwards ? [issue(path, 'The least is over the most')] : []),
    ...choiceIssues(choices ?? [], `${path}.choices`),
    ...(isGroup(type) ? optionsIssues(option.options ?? [], path) : []),
  ];
}

/** Choices, of an option or as suggestions: 25 at most, each with a name and a value, and no name twice in an option. */
function choiceIssues(choices: z.infer<typeof choiceSchema>[], path: string): Issue[] {
  return [
    ...(choices.length > 25 ? [issue(path, 'Must be 25 or fewer in length.', 'BASE_TYPE_MAX_LENGTH')] : []),
    ...(isRepeated(choices.map(({ name }) => name)) ? [issue(path, 'Option choice names must be unique')] : []),
    ...suggestionIssues(choices, path),
  ];
}

/** The names and values of choices: 1 to 100 characters each. */
export function suggestionIssues(choices: { name: unknown; value: unknown }[], path: string): Issue[] {
  return choices.flatMap(({ name, value }, index) => [
    ...lengthIssues(name, `${path}.${index}.name`, 100),
    ...(typeof value === 'string' ? lengthIssues(value, `${path}.${index}.value`, 100) : []),
  ]);
}

const isRepeated = (values: unknown[]) => new Set(values).size !== values.length;

const sizeIssues = (command: unknown, path: string): Issue[] =>
  sizeOf(command) > 8000 ? [issue(path, 'Command exceeds maximum size (8000)')] : [];

/** Names, descriptions and values count; of a text in several languages the longest. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.map(sizeOf).reduce((sum, one) => sum + one, 0);
  if (typeof value !== 'object' || value === null) return 0;
  const isText = (key: string) => ['name', 'description', 'value'].includes(key);
  const texts = new Map(Object.entries(value));
  return Object.entries(value)
    .map(([key, inner]) => {
      if (key.endsWith(suffix)) return 0;
      if (!isText(key) || typeof inner !== 'string') return sizeOf(inner);
      const others = Object.values(parse(localisationsSchema, texts.get(`${key}${suffix}`)) ?? {});
      return Math.max(inner.length, ...others.map(({ length }) => length));
    })
    .reduce((sum, one) => sum + one, 0);
}

/** A command as it is listed unless its localizations are asked for (docs: interactions/application-commands). */
export function withoutLocalisations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLocalisations);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !key.endsWith(suffix));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutLocalisations(inner)]));
}

const suffix = '_localizations';
const localisationsSchema = z.record(z.string(), z.string()).nullish();

/** The languages of Discord's app (docs: reference, Locales). */
const knownLocales = new Set(
  'id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko'.split(
    ' ',
  ),
);

/** Every language that a definition names. */
function localesIn(value: unknown): Set<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([key, inner]) =>
      key.endsWith(suffix) ? Object.keys(parse(localisationsSchema, inner) ?? {}) : [...localesIn(inner)],
    ),
  );
}

/** A definition as people with this language see it; undefined: with any that is not named. */
export function localised(value: unknown, locale: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((one) => localised(one, locale));
  if (typeof value !== 'object' || value === null || locale === undefined) return value;
  const texts = new Map(Object.entries(value));
  const entries = Object.entries(value)
    .filter(([key]) => !key.endsWith(suffix))
    .map(([key, inner]) => {
      const own = parse(localisationsSchema, texts.get(`${key}${suffix}`))?.[locale];
      return [key, own ?? localised(inner, locale)];
    });
  return Object.fromEntries(entries);
}
