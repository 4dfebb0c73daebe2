import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApprovalRule } from '../../src/flows/approval.ts';
import { ruleCodes } from '../../src/flows/reasons.ts';
import { recipeNames } from '../../src/flows/recipes/index.ts';
import { reasonSentence, ruleSentence } from '../../src/flows/sentences.ts';
import { textsOf } from '../../src/flows/written.ts';
import { type Activity, decide, mayPressForOthers, type Verdict, type Wish } from '../../src/guilds/policy.ts';
import type { Rules, Settings } from '../../src/guilds/settings.ts';
import { WordList } from '../../src/guilds/words.ts';
import { someFlow } from '../flows.ts';
import { noRules } from '../noRules.ts';

const guild = '2000';
const wish: Wish = { guild, person: '1000', roles: ['1'], channel: '3000', recipe: 'image', texts: ['a fox in snow'] };
const idle: Activity = { open: 0, lastStartAt: null };
const settings = (rules: Partial<Rules> = {}, people: string[] = [], words: string[] = []) => ({
  rules: { ...noRules, ...rules },
  blocked: { people, words: new WordList(words) },
  styles: {},
  approvals: [],
});
const codeOf = (verdict: Verdict) => (verdict.is === 'refused' ? verdict.reason.code : verdict.is);
const said = (
  given: Pick<Settings, 'rules' | 'blocked' | 'styles' | 'approvals'>,
  wanted: Partial<Wish> = {},
  activity = idle,
  now = 0,
) => codeOf(decide({ ...wish, ...wanted }, given, activity, now));

describe('what must be approved', () => {
  const rule = (changes: Partial<ApprovalRule> = {}): ApprovalRule => ({
    above: 0,
    kind: null,
    role: null,
    approvers: '70',
    channel: '3001',
    ...changes,
  });
  const heldBy = (approvals: ApprovalRule[], wanted: Partial<Wish>) => {
    const verdict = decide({ ...wish, ...wanted }, { ...settings(), approvals }, idle, 0);
    return verdict.is === 'held' ? verdict.rule : verdict.is;
  };

  it('costs more than the rule says, and has a price', () => {
    const dear = rule({ above: 7 });
    expect(heldBy([dear], {})).toBe('allowed');
    expect(heldBy([dear], { price: 7 })).toBe('allowed');
    expect(heldBy([dear], { price: 7.01 })).toBe(dear);
  });

  it('is of the kind, and asked by somebody with the role', () => {
    const films = rule({ kind: 'video' });
    expect(heldBy([films], { price: 1 })).toBe('allowed');
    expect(heldBy([films], { price: 1, recipe: 'video' })).toBe(films);
    const trainees = rule({ role: '9' });
    expect(heldBy([trainees], { price: 1 })).toBe('allowed');
    expect(heldBy([trainees], { price: 1, roles: ['9'] })).toBe(trainees);
    const everybody = rule({ role: guild });
    expect(heldBy([everybody], { price: 1, roles: [] })).toBe(everybody);
  });

  it('is asked of one role: by the rule that says most, then the one for the dearest', () => {
    const all = rule({ above: 5 });
    const films = rule({ kind: 'video', above: 500 });
    const trainees = rule({ role: '9', above: 2 });
    const artists = rule({ role: '1', above: 3 });
    const rules = [all, films, trainees, artists];
    expect(heldBy(rules, { price: 6, roles: [], recipe: 'video' })).toBe(all);
    expect(heldBy(rules, { price: 501, roles: [], recipe: 'video' })).toBe(films);
    expect(heldBy(rules, { price: 501, roles: ['9'], recipe: 'video' })).toBe(trainees);
    expect(heldBy(rules, { price: 6, roles: ['9', '1'] })).toBe(artists);
  });

  it('is refused all the same where another rule is in the way', () => {
    expect(said({ ...settings({}, ['1000']), approvals: [rule()] }, { price: 7 })).toBe('personBlocked');
  });
});

describe('each rule, at its edge', () => {
  it('people', () => {
    expect(said(settings({}, ['1000']))).toBe('personBlocked');
    expect(said(settings({}, ['1001']))).toBe('allowed');
  });

  it('channels', () => {
    expect(said(settings({ channels: ['3001'] }))).toBe('channelClosed');
    expect(said(settings({ channels: ['3001', '3000'] }))).toBe('allowed');
  });

  it('roles; the role of everybody has the id of the server', () => {
    expect(said(settings({ roles: ['2'] }))).toBe('roleMissing');
    expect(said(settings({ roles: ['2', '1'] }))).toBe('allowed');
    expect(said(settings({ roles: [guild] }), { roles: [] })).toBe('allowed');
  });

  it('kinds, and only those', () => {
    expect(said(settings({ kinds: { image: ['2'] } }))).toBe('kindForbidden');
    expect(said(settings({ kinds: { image: ['2', '1'], video: ['2'] } }))).toBe('allowed');
    expect(said(settings({ kinds: { video: ['2'] } }), { recipe: 'video' })).toBe('kindForbidden');
    expect(said(settings({ kinds: { image: [] } }))).toBe('allowed');
  });

  it('words, in whatever was written', () => {
    expect(said(settings({}, [], ['fox']))).toBe('wordBlocked');
    expect(said(settings({}, [], ['dog']), { texts: ['fine', 'no d.0.g'] })).toBe('wordBlocked');
    expect(said(settings({}, [], ['dog']), { texts: [] })).toBe('allowed');
  });

  it('flows at once', () => {
    expect(said(settings({ maxFlows: 2 }), {}, { ...idle, open: 2 })).toBe('tooManyFlows');
    expect(said(settings({ maxFlows: 2 }), {}, { ...idle, open: 1 })).toBe('allowed');
  });

  it('a pause between starts', () => {
    const started = { ...idle, lastStartAt: 10_000 };
    expect(said(settings({ cooldown: 60 }), {}, started, 69_999)).toBe('coolingDown');
    expect(said(settings({ cooldown: 60 }), {}, started, 70_000)).toBe('allowed');
    expect(said(settings({ cooldown: 0 }), {}, started, 10_000)).toBe('allowed');
    // What had to wait for an approver is not refused for what was started meanwhile.
    expect(said(settings({ cooldown: 60 }), { isApproved: true }, started, 10_001)).toBe('allowed');
  });
});

const ids = fc.subarray(['1', '2', '3000', '3001', guild]);
const anyWish = fc.record({
  roles: fc.subarray(['1', '2']),
  channel: fc.constantFrom('3000', '3001'),
  recipe: fc.constantFrom(...recipeNames),
  texts: fc.array(fc.constantFrom('a fox', 'a dog', 'words')),
});
const anySettings = fc
  .record({
    rules: fc.record({
      channels: ids,
      roles: ids,
      kinds: fc.dictionary(fc.constantFrom(...recipeNames), ids),
      maxFlows: fc.option(fc.integer({ min: 1, max: 3 })),
      cooldown: fc.nat(100),
    }),
    people: fc.subarray(['1000', '1001']),
    words: fc.subarray(['fox', 'dog']),
  })
  .map(({ rules, people, words }) => settings(rules, people, words));
const anyActivity = fc.record({ open: fc.nat(4), lastStartAt: fc.option(fc.nat(200_000)) });

it('a server that has set nothing allows everything', () => {
  fc.assert(
    fc.property(anyWish, anyActivity, fc.nat(), (wanted, activity, now) => {
      expect(said(settings(), wanted, activity, now)).toBe('allowed');
    }),
  );
});

it('what is allowed breaks none of the rules by itself, and a refusal goes away with its rule', () => {
  fc.assert(
    fc.property(anyWish, anySettings, anyActivity, fc.nat(300_000), (wanted, given, activity, now) => {
      const { rules, blocked } = given;
      const people = [...blocked.people];
      const words = [...blocked.words.words];
      const alone = [
        settings({}, people),
        settings({ channels: rules.channels }),
        settings({ roles: rules.roles }),
        settings({ kinds: rules.kinds }),
        settings({}, [], words),
        settings({ maxFlows: rules.maxFlows }),
        settings({ cooldown: rules.cooldown }),
      ].map((one) => said(one, wanted, activity, now));
      const verdict = said(given, wanted, activity, now);
      expect(verdict).toBe(alone.find((one) => one !== 'allowed') ?? 'allowed');
    }),
  );
});

it('every refusal has one sentence, for whoever asked and on the card, and says that nothing was spent', () => {
  for (const code of ruleCodes) {
    const rule = { word: '**@everyone**', channels: ['1', '2', '3', '4'], roles: ['1'], max: 2, until: 0 };
    for (const sentence of [ruleSentence(code, rule, 'image'), reasonSentence({ code, rule }, someFlow())]) {
      expect(sentence).toMatch(/Nothing was spent\. \(KD-\d{3}\)$/);
      expect(sentence).not.toContain('**@everyone');
    }
  }
  expect(reasonSentence({ code: 'wordBlocked', rule: { word: 'fox' } }, someFlow())).not.toContain('fox');
});

it('everything that somebody can write is asked about', () => {
  const options = {
    negative_prompt: 'b',
    title: 'c',
    style: 'd',
    song_description: 'e',
    lyrics: 'f',
    negative_tags: 'g',
    music_prompt: 'h',
    dialogue: [{ text: 'i', voice: 'Anna' }, { text: 'j' }],
  };
  expect(textsOf({ prompt: 'a', options }).sort()).toEqual([...'abcdefghij']);
});

it('only people with the role that was chosen may press for others, and nobody who is blocked', () => {
  const lead = { guild, person: '1000', roles: ['1'] };
  expect(mayPressForOthers(lead, settings())).toBe(false);
  expect(mayPressForOthers(lead, settings({ pressers: ['2'] }))).toBe(false);
  expect(mayPressForOthers(lead, settings({ pressers: ['1'] }))).toBe(true);
  expect(mayPressForOthers(lead, settings({ pressers: ['1'] }, ['1000']))).toBe(false);
});
