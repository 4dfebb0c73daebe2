import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import advice from '../../scripts/errorAdvice.json' with { type: 'json' };
import { codesSchema, errorsPage } from '../../scripts/errorsPage.ts';
import { codeOf } from '../../src/text/codes.ts';
import en from '../../src/text/en.json' with { type: 'json' };
import { messagesOf } from '../../src/text/messages.ts';
import { speaking, t } from '../../src/text/text.ts';

const file = readFileSync('src/text/codes.json', 'utf8');
const { retired, codes } = codesSchema.parse(JSON.parse(file));
const messages = messagesOf(en);
const coded = Object.values(codes).flat();

/** Groups in which every sentence tells that something did not work, but for these parts of sentences. */
const troubles = ['refusal', 'reason', 'router'];
const parts = ['reason.says', 'reason.others'];

/** Sentences that say that nothing was spent or changed, and yet tell of what somebody wanted, or of an end in good order. */
const inOrder = [
  'card.priceMoved',
  'card.cancelled',
  'card.expired',
  'card.filesLate',
  'card.lapsed',
  'notice.stale',
  'notice.moved',
  'notice.changed',
  'notice.payer',
  'notice.pictures',
  'upload.over',
  'signIn.declined',
  'budget.nothingSpent',
  'approval.declined',
  'approval.declinedFor',
  'approval.cancelled',
  'approval.lapsed',
];

describe('codes', () => {
  it('stand at the end of a sentence, whatever language it is in', () => {
    expect(t('refusal.promptEmpty')).toBe(`${en.refusal.promptEmpty} (KD-210)`);
    expect(speaking('ja', () => t('refusal.promptEmpty'))).toMatch(/[。] \(KD-210\)$/);
    expect(t('button.cancel')).toBe('Cancel');
  });

  it('are those of every sentence that says that something did not work', () => {
    const saysSo = ([key, message]: [string, string]) =>
      troubles.includes(key.split('.')[0] ?? '') ||
      /Nothing was (spent|changed)|^❌ I |could not be reached yet/.test(message);
    const missing = messages.filter(saysSo).map(([key]) => key);
    expect(missing.filter((key) => codeOf(key) === undefined && ![...parts, ...inOrder].includes(key))).toEqual([]);
    expect(inOrder.filter((key) => codeOf(key) !== undefined)).toEqual([]);
  });

  it('are of sentences that exist, one for each, and none is used again', () => {
    const keys = new Set(messages.map(([key]) => key));
    expect([...coded, ...Object.keys(advice)].filter((key) => !keys.has(key))).toEqual([]);
    expect(Object.keys(advice).filter((key) => codeOf(key) === undefined)).toEqual([]);
    expect(coded).toHaveLength(new Set(coded).size);
    const written = file.match(/"KD-[^"]*"/g) ?? [];
    expect(written).toHaveLength(new Set(written).size);
    for (const code of [...Object.keys(codes), ...retired]) expect(code).toMatch(/^KD-[1-9]\d\d$/);
  });

  it('have an up-to-date page: run `npm run texts`', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage({ retired, codes }, messages, advice));
  });
});
