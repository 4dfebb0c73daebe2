import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';

/** What a sentence is filled with: a number, a text, or one of a few values. */
export type Parameter = 'number' | 'string' | string[];

/** The parameters of an ICU message by their names, in the order in which they stand. */
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

/** The file `src/text/keys.ts`, which tells TypeScript every key and its parameters. */
export function keysFile(messages: [key: string, message: string][]): string {
  const lines = messages.map(([key, message]) => `  '${key}': ${typeOf(parametersOf(message))};`);
  return [
    '// Made from en.json by `npm run texts`; do not edit.',
    '',
    '/** What every sentence is filled with. */',
    'export interface Texts {',
    ...lines,
    '}',
    '',
    'export type TextKey = keyof Texts;',
    '',
  ].join('\n');
}

function typeOf(parameters: Map<string, Parameter>): string {
  if (parameters.size === 0) return 'undefined';
  const fields = [...parameters].map(([name, parameter]) => `${name}: ${typeName(parameter)}`);
  return `{ ${fields.join('; ')} }`;
}

const typeName = (parameter: Parameter) =>
  Array.isArray(parameter) ? parameter.map((value) => `'${value}'`).join(' | ') : parameter;
