import { IntlMessageFormat } from 'intl-messageformat';
import { exampleValues, type Values } from './textExamples.ts';
import { parametersOf } from './textKeys.ts';

/** A message filled in. */
export const filled = (message: string, values: Values): string =>
  String(
    new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true, requiresOtherClause: false }).format(values),
  );

/** The page `docs/texts.md`: every sentence with example values, to be read aloud. */
export function textsPage(messages: [key: string, message: string][]): string {
  const groups = new Map<string, string[]>();
  for (const [key, message] of messages) {
    const [group = ''] = key.split('.');
    const sentences = [...new Set(exampleValues(parametersOf(message)).map((values) => filled(message, values)))];
    const rows = sentences.map((sentence) => `| \`${key}\` | ${inCell(sentence)} |`);
    groups.set(group, [...(groups.get(group) ?? []), ...rows]);
  }
  const parts = [...groups].map(([group, rows]) =>
    [`## ${group}`, '', '| key | text |', '| --- | --- |', ...rows, ''].join('\n'),
  );
  return [
    '# Texts',
    '',
    'Every sentence the bot shows, filled with examples. Made from `src/text/en.json` by `npm run texts`; do not edit.',
    '',
    ...parts,
  ].join('\n');
}

const inCell = (sentence: string) => sentence.replaceAll('|', '\\|').replaceAll('\n', '<br>');
