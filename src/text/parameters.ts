import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';

/** What a sentence is filled with: a number, a text, or one of a few values. */
export type Parameter = 'number' | 'string' | string[];

export type Values = Record<string, string | number>;

/** The parameters of an ICU message by their names, in the order in which they stand. Throws where it is none. */
export function parametersOf(message: string): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  collect(parse(message, { ignoreTag: true, requiresOtherClause: false }), found);
  return found;
}

function collect(elements: MessageFormatElement[], found: Map<string, Parameter>): void {
  for (const element of elements) {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        break;
      case TYPE.argument:
        if (!found.has(element.value)) found.set(element.value, 'string');
        break;
      case TYPE.number:
        found.set(element.value, 'number');
        break;
      case TYPE.plural:
        found.set(element.value, 'number');
        for (const option of Object.values(element.options)) collect(option.value, found);
        break;
      case TYPE.select: {
        const known = found.get(element.value);
        const values = Array.isArray(known) ? known : [];
        found.set(element.value, [...new Set([...values, ...Object.keys(element.options)])]);
        for (const option of Object.values(element.options)) collect(option.value, found);
        break;
      }
      default:
        throw new Error(`No sentence uses such a thing: ${JSON.stringify(element)}`);
    }
  }
}

/** The name of the first parameter with which a message does not fit in the place of another; undefined where it fits. */
export function misfit(message: string, original: string): string | undefined {
  const [own, needed] = [parametersOf(message), parametersOf(original)];
  const names = new Set([...needed.keys(), ...own.keys()]);
  return [...names].find((name) => !fits(own.get(name), needed.get(name)));
}

function fits(own: Parameter | undefined, needed: Parameter | undefined): boolean {
  if (own === undefined || needed === undefined) return false;
  if (own === 'string' || own === needed) return true;
  if (!Array.isArray(own) || !Array.isArray(needed)) return false;
  return own.every((value) => needed.includes(value) || value === 'other') && hasAll(own, needed);
}

const hasAll = (own: string[], needed: string[]) =>
  own.includes('other') || needed.every((value) => own.includes(value));

/** The longest that code fills in, in characters; other texts are names, cut to 100 and perhaps escaped. */
const longest: Record<string, number> = {
  emoji: 10,
  recipe: 30,
  date: 12,
  shortName: 30,
  command: 10,
  counted: 20,
};

const longestName = 200;

/** The parameters with the longest values that can occur, once for every choice that a message makes. */
export function longValues(parameters: Map<string, Parameter>): Values[] {
  return combinations(parameters, (name, kind) =>
    kind === 'number' ? 1_234_567.89 : 'W'.repeat(longest[name] ?? longestName),
  );
}

/** The parameters filled, once for every choice that a message makes. */
export function combinations(
  parameters: Map<string, Parameter>,
  fill: (name: string, kind: 'number' | 'string') => string | number,
): Values[] {
  let all: Values[] = [{}];
  for (const [name, parameter] of parameters) {
    const values = Array.isArray(parameter) ? parameter : [fill(name, parameter)];
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return all;
}
