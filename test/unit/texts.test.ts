import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, test } from 'vitest';
import { exampleValues } from '../../scripts/textExamples.ts';
import { keysFile } from '../../scripts/textKeys.ts';
import { textsPage } from '../../scripts/textPage.ts';
import { commands } from '../../src/commands/index.ts';
import { commandsWithParts, withOwnNames } from '../../src/text/commandNames.ts';
import en from '../../src/text/en.json' with { type: 'json' };
import { languageOf, locales, nearest, ownName } from '../../src/text/languages.ts';
import { limitOf } from '../../src/text/limits.ts';
import { messagesOf } from '../../src/text/messages.ts';
import { readOverrides } from '../../src/text/overrides.ts';
import { longValues, misfit, parametersOf } from '../../src/text/parameters.ts';
import { allOf, anyOf, filledIn, overrideTexts, size, speaking, spokenLanguage, t } from '../../src/text/text.ts';

const messages = messagesOf(en);

describe('texts', () => {
  it('have up-to-date types and an up-to-date page: run `npm run texts`', () => {
    expect(readFileSync('src/text/keys.ts', 'utf8')).toBe(keysFile(messages));
    expect(readFileSync('docs/texts.md', 'utf8')).toBe(textsPage(messages));
  });

  it.each(locales)(
    'of %s are all there, and no others, with the parameters and choices of the English ones',
    (locale) => {
      const own = new Map(messagesOf(languageOf(locale).messages));
      expect([...own.keys()]).toEqual(messages.map(([key]) => key));
      expect(messages.filter(([key, message]) => misfit(own.get(key) ?? '', message) !== undefined)).toEqual([]);
    },
  );

  it.each(locales)('of %s fit where they stand, however long their parts are', (locale) => {
    const { messages: tree, names } = languageOf(locale);
    const wrong: string[] = [];
    for (const [key, message] of messagesOf(tree))
      for (const values of longValues(parametersOf(message))) {
        const sentence = filledIn(withOwnNames(message, names), locale, values);
        if (sentence.length > limitOf(key)) wrong.push(`${key} has ${sentence.length} characters`);
        if (sentence !== sentence.trim() || /[{}]|\bundefined\b|[^\n ] {2}/.test(sentence))
          wrong.push(`${key}: ${sentence}`);
      }
    expect(wrong).toEqual([]);
  });

  it.each(locales)('of %s are read with every choice that they make', (locale) => {
    const sentences = messagesOf(languageOf(locale).messages).flatMap(([key, message]) =>
      exampleValues(key, parametersOf(message)).map((values) => [key, filledIn(message, locale, values)]),
    );
    expect(sentences.filter(([, sentence]) => sentence === '')).toEqual([]);
  });

  it('name commands and options as people of the language type them', () => {
    const { names } = languageOf('de');
    const said = (message: string) => withOwnNames(message, names);
    expect(said('Use `/budget set`, or /image.')).toBe(
      `Use \`/${names?.command.budget} ${names?.subcommand.set}\`, or /${names?.command.image}.`,
    );
    expect(said('**/privacy export** is a file, /privacy says what')).toBe(
      `**/${names?.command.privacy} ${names?.subcommand.export}** is a file, /${names?.command.privacy} says what`,
    );
    expect(said('`/connect mine:True`, `model`')).toBe(
      `\`/${names?.command.connect} ${names?.option.mine}:True\`, \`${names?.option.model}\``,
    );
    for (const other of ['https://kubeez.com/image', 'and/or', 'docs/models.md', '/video/x', '`best`'])
      expect(said(other)).toBe(other);
    const over = speaking('de', () => t('upload.over', { command: 'image', why: 'complete' }));
    expect(over).toContain(`/${names?.command.image}`);
    expect(over).not.toContain('/image');
  });

  it('are said in the language that is spoken, also later, and in English where nobody has chosen one', async () => {
    await speaking('de', async () => {
      await Promise.resolve();
      expect(t('button.cancel')).toBe('Abbrechen');
      expect(speaking('fr', () => allOf(['a', 'b', 'c']))).toBe('a, b et c');
      expect(spokenLanguage()).toBe('de');
    });
    expect(t('button.cancel')).toBe('Cancel');
  });

  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['es-419', 'es'],
    ['pt_PT.UTF-8', 'pt-BR'],
    ['en-GB,en;q=0.9', 'en'],
    ['it', undefined],
    ['', undefined],
    [null, undefined],
  ])('nearest to %s is %s', (code, locale) => {
    expect(nearest(code)).toBe(locale);
  });

  it('are called by their own names', () => {
    expect(locales.map(ownName)).toEqual(
      expect.arrayContaining(['English', 'Deutsch', 'Français', 'Español', 'Português (Brasil)', '日本語']),
    );
  });

  it('count and list as English does', () => {
    expect(t('button.confirm', { credits: 1 })).toBe('Confirm · 1 credit');
    expect(t('button.confirm', { credits: 1234.5 })).toBe('Confirm · 1,234.5 credits');
    expect(allOf(['a', 'b', 'c'])).toBe('a, b and c');
    expect(anyOf(['a', 'b'])).toBe('a or b');
    expect([size(12), size(30_238_000)]).toEqual(['1 kB', '30 MB']);
  });

  it('are checked by TypeScript: keys and parameters', () => {
    const wrong = [
      // @ts-expect-error no such sentence
      () => t('button.nothing'),
      // @ts-expect-error a parameter is missing
      () => t('button.confirm'),
      // @ts-expect-error not a number
      () => t('button.confirm', { credits: 'seven' }),
      // @ts-expect-error a parameter too many
      () => t('button.cancel', { credits: 7 }),
    ];
    expect(wrong).toHaveLength(4);
  });
});

test('every command whose parts have names is known to have parts', () => {
  const withParts = commands.filter(({ define }) => define().options?.some(({ type }) => type === 1));
  expect(withParts.map(({ name }) => name).sort()).toEqual([...commandsWithParts].sort());
});

describe('sentences of whoever runs the bot', () => {
  afterEach(() => overrideTexts(new Map()));

  test('take the place of the bot’s own, nested or dotted, by language', () => {
    const read = readOverrides({
      en: { 'button.cancel': 'Stop' },
      de: { button: { cancel: 'Halt', confirm: 'Los · {credits, number}' } },
    });
    if (!read.ok) throw new Error(read.sentence);
    overrideTexts(read.overrides);
    expect([t('button.cancel'), t('button.confirm', { credits: 1 })]).toEqual(['Stop', 'Confirm · 1 credit']);
    expect(speaking('de', () => [t('button.cancel'), t('button.confirm', { credits: 7 })])).toEqual([
      'Halt',
      'Los · 7',
    ]);
    expect(speaking('fr', () => t('button.cancel'))).toBe('Annuler');
  });

  test.each([
    [{ xx: { button: { cancel: 'a' } } }, 'xx is no language of the bot. It speaks en, de'],
    [{ de: { button: { cancle: 'a' } } }, 'there is no sentence de.button.cancle.'],
    [{ de: { button: 'a' } }, 'there is no sentence de.button.'],
    [{ de: { 'button.confirm': 'Los' } }, 'de.button.confirm does not fit what is filled in at credits.'],
    [{ de: { 'button.cancel': 'Weg {credits}' } }, 'de.button.cancel does not fit what is filled in at credits.'],
    [{ de: { 'setting.payer': '{payer, select, bot {a} server {b}} {person}' } }, 'de.setting.payer does not fit'],
    [{ de: { 'button.cancel': 'Weg {' } }, 'de.button.cancel cannot be filled in'],
    [{ de: { 'button.confirm': 'Los {credits, plural, one {x}}' } }, 'de.button.confirm cannot be filled in'],
    [{ de: { 'button.raise': '{credits, number, ::currency/XX}' } }, 'de.button.raise cannot be filled in'],
    [{ de: { 'button.cancel': '\u200B' } }, 'de.button.cancel is empty.'],
    [{ de: { 'button.cancel': 'a\0b' } }, 'de.button.cancel has characters in it that nobody sees.'],
    [{ de: { 'menu.edit': 'Same', 'menu.animate': 'Same' } }, 'de.menu.edit has the name of another entry'],
    [JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`), 'is neither a text'],
    [{ de: { 'button.cancel': ' ' } }, 'de.button.cancel is empty.'],
    [{ de: { 'button.cancel': 'x'.repeat(81) } }, 'de.button.cancel may have 81 characters once it is filled in'],
    [{ de: { 'button.cancel': 7 } }, 'de.button.cancel is neither a text nor a group of texts.'],
    [{ de: 'a' }, 'de is neither a text'],
    [[], 'JSON is neither a text'],
  ])('%j is refused in one sentence that names the key', (given, sentence) => {
    const read = readOverrides(given);
    expect(read).toEqual({ ok: false, sentence: expect.stringContaining(sentence) });
  });
});
