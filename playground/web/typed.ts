import type { ShownCommand, ShownOption, Who } from './protocol.ts';

/** Discord's numbers of what an option takes. */
export const optionTypes = { text: 3, number: 4, boolean: 5, user: 6, file: 11 };

export type Typed =
  | { command: ShownCommand; values: Record<string, string>; problem: string }
  | { command: null; problem: string };

/**
 * Reads a line such as `/image a fox model:flux`: words up to the first `name:` of an option belong to the first text
 * the command asks for, and each `name:value` to its option. `problem` says what cannot be sent as it stands.
 */
export function readTyped(line: string, commands: ShownCommand[], people: Who[]): Typed {
  const typed = line.slice(1).toLowerCase();
  const command = commands.find(
    ({ name }) => typed === name || (/^\s/.test(typed.slice(name.length)) && typed.startsWith(name)),
  );
  if (!command) return { command: null, problem: `There is no command /${/^\S*/.exec(typed)?.[0]}.` };
  const rest = line.slice(1 + command.name.length).trim();
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [option, text] of partsOf(rest, command.options)) {
    if (!option) {
      problems.push(`/${command.name} takes no text: use the options below.`);
      continue;
    }
    const value = readValue(option, text, people);
    if (value === undefined) problems.push(`${option.name}: “${text}” cannot be used here.`);
    else values[option.name] = value;
  }
  const missing = command.options.find((option) => option.required && values[option.name] === undefined);
  if (missing) problems.push(`${missing.name}: this option is required`);
  return { command, values, problem: problems[0] ?? '' };
}

/** The words of a line by the option they belong to; undefined where no option takes them. */
function partsOf(rest: string, options: ShownOption[]): [ShownOption | undefined, string][] {
  const texts = options.filter(({ type }) => type === optionTypes.text);
  const main = texts.find((option) => option.required) ?? texts.find((option) => !option.autocomplete) ?? texts[0];
  const names = options.map((option) => option.name).join('|');
  const marks = names ? [...rest.matchAll(new RegExp(`(?<=^|\\s)(${names}):`, 'g'))] : [];
  const first = rest.slice(0, marks[0]?.index ?? rest.length).trim();
  const named = marks.map((mark, index): [ShownOption | undefined, string] => {
    const end = marks[index + 1]?.index ?? rest.length;
    return [options.find(({ name }) => name === mark[1]), rest.slice(mark.index + mark[0].length, end).trim()];
  });
  return [...(first ? [[main, first] satisfies [ShownOption | undefined, string]] : []), ...named].filter(
    ([, text]) => text !== '',
  );
}

function readValue({ type, choices }: ShownOption, text: string, people: Who[]): string | undefined {
  const word = text.toLowerCase();
  if (type === optionTypes.file) return undefined;
  if (type === optionTypes.boolean) return ['true', 'false'].includes(word) ? word : undefined;
  if (type === optionTypes.number) return /^-?\d+$/.test(text) ? text : undefined;
  if (type === optionTypes.user) return people.find(({ name }) => name.toLowerCase() === word.replace(/^@/, ''))?.id;
  if (choices.length === 0) return text;
  const choice = choices.find(({ name, value }) => [name, String(value)].some((one) => one.toLowerCase() === word));
  return choice && String(choice.value);
}
