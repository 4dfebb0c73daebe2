import { describe, expect, it } from 'vitest';
import { renderAsk } from '../../src/flows/approvalMessage.ts';
import type { Event } from '../../src/flows/events.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { recipeNames } from '../../src/flows/recipes/index.ts';
import { callSentence } from '../../src/flows/sentences.ts';
import { step } from '../../src/flows/step.ts';
import { type AppliedPicture, canTakeOff, pictureIds, sentGenerationType } from '../../src/flows/style.ts';
import { applyStyle, newStyle } from '../../src/guilds/style.ts';
import { someFlow, someModel } from '../flows.ts';

const kept = { channel: '3000', message: '1', attachment: 'moon', name: 'moon.png', bytes: 9, type: 'image/png' };
const picture = (attachment: string, changes: Partial<AppliedPicture> = {}): AppliedPicture => ({
  ...kept,
  attachment,
  url: `https://cdn.example/${attachment}?ex=1`,
  isGone: false,
  ...changes,
});
const gone = (attachment: string) => picture(attachment, { url: null, isGone: true });

function asked(pictures: AppliedPicture[], room = 4, own = 0): Flow['asked'] {
  const style = { name: 'Paper Moon', before: '', after: '', pictures, isOff: false };
  const input = { url: 'https://cdn.example/own', kind: 'image' as const, name: 'own.png' };
  return {
    ...someFlow().asked,
    models: [{ ...someModel, pictures: room }],
    style,
    inputs: Array.from({ length: own }, () => input),
  };
}

describe('which pictures of a style are added', () => {
  const all = [picture('a'), gone('b'), picture('c')];

  it.each([
    [4, 0, ['a', 'c']],
    [4, 3, ['a']],
    [2, 0, ['a', 'c']],
    [1, 1, []],
    [1, 4, []],
    [0, 0, []],
  ])('a model that takes %d beside %d of the person’s own: %j', (room, own, ids) =>
    expect(pictureIds(asked(all, room, own))).toEqual(ids),
  );

  it('none once it is taken off, and none to another run of the same job', () => {
    const request = asked(all);
    const { style } = request;
    expect(pictureIds({ ...request, style: style && { ...style, isOff: true } })).toEqual([]);
    expect(pictureIds({ ...request, options: { source_job: 'job' } })).toEqual([]);
  });

  it('words with pictures are asked for as what works from pictures, and as words alone without', () => {
    expect(sentGenerationType(asked(all), someModel)).toBe('image-to-image');
    expect(sentGenerationType(asked([gone('b')]), someModel)).toBe(someModel.generationType);
    expect(sentGenerationType(asked(all, 0), someModel)).toBe(someModel.generationType);
  });

  it('nothing can be taken off where there is no room for any, and where all are gone', () => {
    expect(canTakeOff(asked(all))).toBe(true);
    expect(canTakeOff(asked(all, 1, 1))).toBe(false);
    expect(canTakeOff(asked([gone('a'), gone('b')]))).toBe(false);
  });
});

it('whoever approves sees them, after those of the person', () => {
  const pictures = renderAsk(someFlow({ asked: asked([picture('a'), gone('b')], 4, 1) })).embeds;
  const urls = pictures.map(({ thumbnail }) => thumbnail?.url);
  expect(urls).toEqual(['https://cdn.example/own', 'https://cdn.example/a?ex=1']);
});

it('only kinds that go by several pictures have those of a style', () => {
  const style = { ...newStyle('Paper Moon'), pictures: [kept] };
  expect(recipeNames.filter((name) => applyStyle(style, name) !== null)).toEqual(['image', 'edit']);
  expect(applyStyle(style, 'edit')?.pictures).toEqual([{ ...kept, url: null, isGone: false }]);
});

describe('a price that is read after Confirm', () => {
  const quote = { credits: 7, basis: 'list' as const, balance: 100, at: 0, until: 600_000 };
  const confirmed = { by: '1000', credits: 7, at: 1000 };
  const approved = { by: '7', at: 500, credits: 7, isOffer: false };
  const confirmedFlow = () => {
    const flow = someFlow({ asked: asked([picture('a'), picture('b')]) });
    return {
      ...flow,
      money: { ...flow.money, round: 2, quote, confirmed },
      approval: { ...flow.approval, asks: 1, approved },
    };
  };
  const read = (pictures: AppliedPicture[]): Event => ({
    type: 'priced',
    round: 2,
    prices: { [someModel.id]: 7 },
    basis: 'list',
    balance: 100,
    pictures,
  });
  const anew = (id: string) => picture(id, { url: `https://cdn.example/${id}?ex=2` });

  it('goes on with new addresses of the same pictures, and an approval holds', () => {
    const { flow } = step(confirmedFlow(), read([anew('a'), anew('b')]), 2000);
    expect(flow.stage).toBe('queued');
    expect(flow.asked.style?.pictures.map(({ url }) => url)).toEqual([anew('a').url, anew('b').url]);
    expect(flow.approval.approved).toEqual(approved);
    expect(flow.asked.changes).toBe(0);
  });

  it.each([
    ['gone', [anew('a'), gone('b')]],
    ['there again', [anew('a'), anew('b'), anew('c')]],
  ])('is shown and confirmed anew where one is %s: neither Confirm nor approval was for that', (_, pictures) => {
    const { flow } = step(confirmedFlow(), read(pictures), 2000);
    expect(flow.stage).toBe('quoted');
    expect(flow.money.confirmed).toBeNull();
    expect(flow.shown.notice).toBe('pictures');
    expect(flow.approval.approved).toBeNull();
    expect(flow.asked.changes).toBe(1);
    expect(callSentence('moved', flow)).toContain('the reference pictures of the style have changed');
  });

  it('says nothing of pictures that were first read with the first price', () => {
    const flow = someFlow({ asked: asked([{ ...picture('a'), url: null }]) });
    const first = step({ ...flow, money: { ...flow.money, round: 2 } }, read([anew('a')]), 2000).flow;
    expect(first).toMatchObject({ stage: 'quoted', asked: { changes: 0 }, shown: { notice: null } });
  });
});
