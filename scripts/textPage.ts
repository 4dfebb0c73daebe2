import { parametersOf } from '../src/text/parameters.ts';
import { filledIn } from '../src/text/text.ts';
import { exampleValues } from './textExamples.ts';

/** Where the sentences of a group stand; those of the others are named well enough by their group. */
const places: Record<string, string> = {
  button: 'Buttons, of cards and of private answers',
  recipe: 'Kinds of flows: the heading of the card, and what its requester is told at the end',
  card: 'The card, from the link to the result; a state is one or a few of these lines',
  setting: 'The card’s second line: what was asked for',
  fact: 'Facts on a card, with dots between them',
  result: 'Under a result that is not attached as it is',
  files: 'Files: what a job needs, and what is wrong with one',
  notice: 'The card’s line with ℹ️: what changed',
  reason: 'The card of a flow that failed, or that is unclear',
  upload: 'Messages about the upload link, most of them by DM',
  alt: 'Descriptions of attached files, for people who cannot see them',
  router: 'Private answers to presses and commands that lead nowhere',
  permission: 'Discord’s own names of permissions',
  signIn: 'The pages of a sign-in in the browser, and what Discord is told of it',
  doctor: '`npm run doctor`',
  cli: '`npx kubeez-discord`',
  start: 'The console, when the bot starts or ends',
  command: 'Descriptions of commands',
  option: 'Descriptions of options',
  choice: 'Choices in lists',
  menu: 'Entries of a message’s menu (Apps)',
  form: 'Titles of forms',
  field: 'Lines of forms',
  hint: 'What stands under the name of a line in a form',
  placeholder: 'What stands in an empty line of a form',
  refusal: 'Private answers: why nothing was started',
  next: 'Private answers to the buttons of a finished card',
  list: '`/jobs`, `/history`, `/models`',
  help: '`/help`',
  balance: '`/balance`',
  show: '`/show`',
  preferences: '`/preferences`',
  connect: '`/connect`',
  check: '`/doctor`',
};

/** The page `docs/texts.md`: every sentence with example values, to be read aloud. */
export function textsPage(messages: [key: string, message: string][]): string {
  const groups = new Map<string, string[]>();
  for (const [key, message] of messages) {
    const [group = ''] = key.split('.');
    const sentences = [
      ...new Set(exampleValues(key, parametersOf(message)).map((values) => filledIn(message, 'en', values))),
    ];
    const rows = sentences.map((sentence) => `| \`${key}\` | ${inCell(sentence)} |`);
    groups.set(group, [...(groups.get(group) ?? []), ...rows]);
  }
  const parts = [...groups].map(([group, rows]) =>
    [`## ${places[group] ?? group}`, '', '| key | text |', '| --- | --- |', ...rows, ''].join('\n'),
  );
  return [
    '# Texts',
    '',
    'Every sentence the bot shows, filled with examples. Made from `src/text/en.json` by `npm run texts`; do not edit.',
    '',
    ...parts,
  ].join('\n');
}

/** A bracket before a letter would begin an element of the page. */
const inCell = (sentence: string) =>
  sentence
    .replaceAll('|', '\\|')
    .replace(/<(?=[a-z])/gi, '&lt;')
    .replaceAll('\n', '<br>');
