import { z } from 'zod';
import { parametersOf } from '../src/text/parameters.ts';
import { filledIn } from '../src/text/text.ts';
import { exampleValues } from './textExamples.ts';

/** What the first digit of a code tells. */
const groups: Record<string, string> = {
  1: 'Buttons, lists and cards',
  2: 'What a command refuses before it begins',
  3: 'Why a request ended without a result',
  4: 'While a request goes on, and on its result',
  5: 'Settings, limits, blocks, styles and approvals',
  6: 'Accounts and sign-ins',
  7: '`/doctor` and `npm run doctor`',
  8: '`npm run setup`',
  9: 'Starting the bot',
};

export const codesSchema = z.object({
  /** Codes that once stood after a sentence. None is used again: somebody may still have it in a message. */
  retired: z.array(z.string()),
  /** The keys of the sentences that each code stands after. */
  codes: z.record(z.string(), z.array(z.string())),
});

/**
 * The page `docs/errors.md`: every code with the sentences that it stands after, filled with examples.
 *
 * @param advice what to do beside what the sentence itself says, by the key of a sentence
 */
export function errorsPage(
  { codes }: z.infer<typeof codesSchema>,
  messages: [key: string, message: string][],
  advice: Record<string, string>,
): string {
  const texts = new Map(messages);
  const sections = Object.entries(groups).map(([digit, name]) => {
    const own = Object.entries(codes).filter(([code]) => code.startsWith(`KD-${digit}`));
    const parts = own.flatMap(([code, keys]) => [`### ${code}`, ...quotes(keys, texts), ...said(keys, advice)]);
    return [`## ${name}`, ...parts].join('\n\n');
  });
  return `${[intro, ...sections].join('\n\n')}\n`;
}

const intro = [
  '# What did not work: codes',
  '',
  'Each sentence with which the bot says that something did not work ends with a code, such as `(KD-204)`. A code keeps its meaning in every version and every',
  'language. Search this page for yours: below it are the sentence, with examples in it, and what to do where the sentence does not say all of it. *Nothing was spent* is meant as it',
  'stands. [Troubleshooting](troubleshooting.md) goes by what you see instead.',
  '',
  'Made from `src/text/codes.json` and `scripts/errorAdvice.json` by `npm run texts`; do not edit.',
].join('\n');

function quotes(keys: string[], texts: Map<string, string>): string[] {
  const sentences = keys.flatMap((key) => {
    const message = texts.get(key) ?? '';
    return exampleValues(key, parametersOf(message)).map((values) => filledIn(message, 'en', values));
  });
  return [...new Set(sentences)].map((sentence) => `> ${asMarkdown(sentence).replaceAll('\n', '\n> ')}`);
}

/** Discord's Markdown in GitHub's: a number sign begins no heading, and what stands in angle brackets is no tag. */
const asMarkdown = (sentence: string) =>
  sentence
    .replace(/<(https?:[^>]+)>/g, '$1')
    .replace(/<(t:[^>]+)>/g, '`<$1>`')
    .replace(/^#/gm, '\\#');

const said = (keys: string[], advice: Record<string, string>): string[] => [
  ...new Set(keys.flatMap((key) => advice[key] ?? [])),
];
