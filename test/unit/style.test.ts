import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Options } from '../../src/flows/asked.ts';
import { renderCard } from '../../src/flows/card.ts';
import { recipeNames, recipes } from '../../src/flows/recipes/index.ts';
import { step } from '../../src/flows/step.ts';
import { addedBy, sentPrompt } from '../../src/flows/style.ts';
import { textsOf } from '../../src/flows/written.ts';
import { styledOf } from '../../src/guilds/gate.ts';
import { decide, type Wish } from '../../src/guilds/policy.ts';
import { applyStyle, newStyle, takesPhrases } from '../../src/guilds/style.ts';
import { WordList } from '../../src/guilds/words.ts';
import { placeOf, presser, someFlow } from '../flows.ts';
import { noRules } from '../noRules.ts';

const grain = { name: 'Paper Moon', before: '', after: 'soft grain', pictures: [] };
const applied = (before: string, after: string, isOff = false) => ({
  name: 'Paper Moon',
  before,
  after,
  pictures: [],
  isOff,
});
const phrase = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replace(/\s+/g, ' ').trim());

describe('what a style makes of a prompt', () => {
  it.each([
    ['a fox', '', 'soft grain', 'a fox, soft grain'],
    ['A fox.', '', 'soft grain', 'A fox. soft grain'],
    ['a fox', 'Photo:', 'soft grain', 'Photo: a fox, soft grain'],
    ['a fox, soft grain', '', 'soft grain', 'a fox, soft grain'],
    ['a fox, SOFT GRAIN', '', 'soft grain', 'a fox, SOFT GRAIN'],
    ['a bowl of multigrain', '', 'grain', 'a bowl of multigrain, grain'],
    ['photographers', 'photo', '', 'photo, photographers'],
    ['a fox', '', '', 'a fox'],
  ])('%j with %j and %j', (prompt, before, after, sent) =>
    expect(sentPrompt({ prompt, style: applied(before, after) })).toBe(sent),
  );

  it('keeps every character of what was typed, and of the phrases it says it added', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), phrase, phrase, (prompt, before, after) => {
        const style = applied(before, after);
        const sent = sentPrompt({ prompt, style });
        const added = addedBy({ prompt, style });
        expect(sent.startsWith(added.before)).toBe(true);
        expect(sent.endsWith(added.after)).toBe(true);
        expect(sent).toContain(prompt);
        expect(sent.length).toBeLessThanOrEqual(prompt.length + added.before.length + added.after.length + 4);
      }),
    );
  });

  it('says nothing twice, however often it is applied', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), phrase, phrase, (prompt, before, after) => {
        const style = applied(before, after);
        const once = sentPrompt({ prompt, style });
        expect(sentPrompt({ prompt: once, style })).toBe(once);
      }),
    );
  });

  it('is nothing once it is taken off, or where there is none', () => {
    fc.assert(
      fc.property(fc.string(), phrase, phrase, (prompt, before, after) => {
        expect(sentPrompt({ prompt, style: applied(before, after, true) })).toBe(prompt);
        expect(sentPrompt({ prompt, style: null })).toBe(prompt);
      }),
    );
  });
});

it('phrases are for pictures and clips: what is spoken or sung stays as it was typed', () => {
  for (const name of recipeNames) {
    expect(applyStyle(grain, name)).toEqual(takesPhrases(name) ? { ...grain, isOff: false } : null);
    expect(takesPhrases(name)).toBe(recipes[name].tool === 'media');
  }
  expect(applyStyle(undefined, 'image')).toBeNull();
  expect(applyStyle(newStyle('House'), 'image')).toBeNull();
});

describe('words that a style does not use', () => {
  const wish: Wish = { guild: '1', person: '2', roles: [], channel: '3', recipe: 'image', texts: ['a neon fox'] };
  const settings = (channel: string) => ({
    rules: noRules,
    blocked: { people: [], words: new WordList([]) },
    approvals: [],
    styles: { [channel]: { ...newStyle('Paper Moon'), words: new WordList(['neon']) } },
  });
  const ask = (channel: string, texts = wish.texts) =>
    decide({ ...wish, texts }, settings(channel), { open: 0, lastStartAt: null }, 0);

  it('are refused in its channel, named with the style, and nowhere else', () => {
    expect(ask('3')).toEqual({
      is: 'refused',
      reason: { code: 'styleWord', rule: { word: 'neon', style: 'Paper Moon' } },
    });
    expect(ask('3', ['N.E.O.N'])).toMatchObject({ is: 'refused' });
    expect(ask('3', ['a fox'])).toEqual({ is: 'allowed' });
    expect(ask('4')).toEqual({ is: 'allowed' });
  });
});

describe('words in what a style adds', () => {
  const settings = (blocked: string[], own: string[] = []) => ({
    rules: noRules,
    blocked: { people: [], words: new WordList(blocked) },
    approvals: [],
    styles: { '3': { ...newStyle('Paper Moon'), words: new WordList(own) } },
  });
  const ask = (prompt: string, after: string, given = settings(['bad word'])) => {
    const asked = { prompt, style: applied('', after), options: {} };
    const wish: Wish = { guild: '1', person: '2', roles: [], channel: '3', recipe: 'image', texts: textsOf(asked) };
    const verdict = decide({ ...wish, ...styledOf(asked) }, given, { open: 0, lastStartAt: null }, 0);
    return verdict.is === 'refused' ? verdict.reason : verdict.is;
  };
  const phrase = { code: 'stylePhrase', rule: { word: 'bad word', style: 'Paper Moon' } };

  it('are the style’s, also across the seam, and where it came to refuse its own phrase', () => {
    expect(ask('a fox', 'a bad word')).toEqual(phrase);
    expect(ask('a bad', 'word')).toEqual(phrase);
    expect(ask('a fox', 'a bad word', settings([], ['bad word']))).toEqual(phrase);
    expect(ask('a fox', 'soft grain')).toBe('allowed');
  });

  it('are the person’s where they typed them as well', () => {
    expect(ask('a bad word', 'a bad word')).toMatchObject({ code: 'wordBlocked' });
    expect(ask('a bad word', 'a bad word', settings([], ['bad word']))).toMatchObject({ code: 'styleWord' });
  });
});

describe('Without style', () => {
  const quoted = (options: Options = {}) =>
    someFlow({
      stage: 'quoted',
      asked: { ...someFlow().asked, style: applied('', 'soft grain'), options },
      money: {
        ...someFlow().money,
        round: 1,
        quote: { credits: 7, basis: 'list', balance: 100, at: 0, until: 600_000 },
      },
    });
  const press = (flow = quoted()) =>
    step(
      flow,
      {
        type: 'pressed',
        action: 'unstyle',
        by: presser(flow.requester),
        label: 'Without style',
        footer: '',
        at: placeOf(flow),
      },
      1000,
    );

  it('asks for a price of its own, confirms nothing, and a price that was on its way no longer counts', () => {
    const { flow, effects } = press();
    expect(flow.stage).toBe('quoting');
    expect(flow.money.confirmed).toBeNull();
    expect(sentPrompt(flow.asked)).toBe(flow.asked.prompt);
    expect(effects).toContainEqual({ do: 'price', fresh: false });
    expect(step(flow, { type: 'priced', round: 1, prices: {}, basis: 'list', balance: 100 }, 1001).flow).toEqual(flow);
  });

  it('is on the card while there is something to take off', () => {
    const labels = (flow = quoted()) => JSON.stringify(renderCard(flow, 0).components);
    expect(labels()).toContain('Without style');
    expect(labels(press().flow)).not.toContain('Without style');
    // Another run of the same job has the words of that job.
    expect(labels(quoted({ source_job: 'job-1' }))).not.toContain('Without style');
    expect(press(quoted({ source_job: 'job-1' })).flow.stage).toBe('quoted');
  });

  it('does nothing once a price is confirmed', () => {
    for (const stage of ['queued', 'submitting', 'running', 'delivering'] as const) {
      const flow = { ...quoted(), stage };
      expect(press(flow).flow.asked.style).toEqual(flow.asked.style);
    }
  });
});
