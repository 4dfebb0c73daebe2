import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exampleValues, longValues } from '../../scripts/textExamples.ts';
import { keysFile, parametersOf } from '../../scripts/textKeys.ts';
import { filled, textsPage } from '../../scripts/textPage.ts';
import en from '../../src/text/en.json' with { type: 'json' };
import { limits } from '../../src/text/limits.ts';
import { messagesOf } from '../../src/text/messages.ts';
import { allOf, anyOf, size, t } from '../../src/text/text.ts';

const messages = messagesOf(en);

/** What Discord takes, by the key of a sentence or by its group; everything else stands in a message. */
const limitOf: Record<string, number> = {
  'card.title': limits.embedTitle,
  'list.jobs': limits.embedTitle,
  'list.models': limits.embedTitle,
  'list.madeHere': limits.embedTitle,
  'list.madeInServer': limits.embedTitle,
  alt: limits.altText,
  button: limits.buttonLabel,
  command: limits.choiceName,
  option: limits.choiceName,
  choice: limits.choiceName,
  menu: 32,
  form: limits.formTitle,
  field: limits.fieldLabel,
  hint: limits.fieldDescription,
  placeholder: limits.placeholder,
};

describe('texts', () => {
  it('have up-to-date types and an up-to-date page: run `npm run texts`', () => {
    expect(readFileSync('src/text/keys.ts', 'utf8')).toBe(keysFile(messages));
    expect(readFileSync('docs/texts.md', 'utf8')).toBe(textsPage(messages));
  });

  it.each(messages)('%s fits where it stands, however long its parts are', (key, message) => {
    const isHeading = key.startsWith('recipe.') && key.endsWith('.title');
    const limit = isHeading ? limits.formTitle : (limitOf[key] ?? limitOf[key.split('.')[0] ?? ''] ?? limits.content);
    for (const values of longValues(parametersOf(message))) {
      const sentence = filled(message, values);
      expect(sentence.length).toBeLessThanOrEqual(limit);
      expect(sentence).toBe(sentence.trim());
      expect(sentence).not.toMatch(/[{}]|\bundefined\b|[^\n ] {2}/);
    }
  });

  it('are read with every choice that they make', () => {
    for (const [key, message] of messages)
      for (const values of exampleValues(key, parametersOf(message))) expect(filled(message, values)).not.toBe('');
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
