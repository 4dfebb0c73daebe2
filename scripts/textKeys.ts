import { type Parameter, parametersOf } from '../src/text/parameters.ts';

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
