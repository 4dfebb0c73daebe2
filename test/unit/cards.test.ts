import {
  ApplicationCommandUpdateRequestSchema,
  MessageCreateRequestSchema,
  MessageEditRequestPartialSchema,
} from 'discord-api-spec/zod';
import { expect, test } from 'vitest';
import { asDescribed, checkMessage } from '../../playground/discord/checks.ts';
import { checkCommands } from '../../playground/discord/commandChecks.ts';
import { definitionsOf } from '../../src/commands/definitions.ts';
import { commands } from '../../src/commands/index.ts';
import { readCustomId } from '../../src/discord/customId.ts';
import { notAsked } from '../../src/flows/approval.ts';
import { renderAsk } from '../../src/flows/approvalMessage.ts';
import { readButtonId, writeButtonId } from '../../src/flows/buttonId.ts';
import { renderCard } from '../../src/flows/card.ts';
import type { Changes } from '../../src/flows/change.ts';
import { type Flow, type Stage, stages } from '../../src/flows/flow.ts';
import { reasonSchema } from '../../src/flows/reasons.ts';
import { menus } from '../../src/requests/menus.ts';
import { locales } from '../../src/text/languages.ts';
import { limits } from '../../src/text/limits.ts';
import { everyCard } from '../everyCard.ts';
import {
  runWithJob,
  someFlow,
  someFlowOfTwoModels,
  someModel,
  someQuote,
  someSession,
  someUploadFlow,
} from '../flows.ts';

/** 6,000 characters of everything that could break a card. */
const nasty = '@everyone **bold** `code` ||spoiler|| [link](https://x.example) <@1> # title > quote 🦊 שועל\n'
  .repeat(80)
  .slice(0, 6000);
const longName = `Model ${'with a very long name '.repeat(40)}`;
const codes = reasonSchema.shape.code.options;
const notices = [
  'stale',
  'moved',
  'outage',
  'busy',
  'notFound',
  'away',
  'slow',
  'measuring',
  'linkInstead',
  null,
] as const;

/** A flow as full as it can be. */
function full(stage: Stage, shown: Changes['shown'] = {}): Flow {
  const file = {
    url: 'https://media.example/a',
    kind: 'image' as const,
    name: nasty.slice(0, 200),
    seconds: 12.4,
    bytes: 5_000_000,
  };
  const job = {
    status: 'completed' as const,
    error: nasty,
    charged: 7,
    seed: 123,
    missing: [nasty.slice(0, 200), 2],
    overAt: 0,
  };
  const url = `https://media.example/${'x'.repeat(100)}`;
  const result = { name: 'x', url, link: url, why: 'tooLarge' as const, as: 'poster' as const };
  const needs = [
    { kinds: ['image' as const], min: 1, max: 16 },
    { kinds: ['audio' as const, 'video' as const], min: 1, max: 1, seconds: [3, 30] as [number, number] },
  ];
  return someFlow({
    stage,
    parent: 'k3f9abce',
    asked: {
      prompt: nasty,
      models: [{ ...someModel, name: longName, needs }],
      options: {
        aspect_ratio: '16:9',
        duration: '15s',
        resolution: '4K',
        quality: 'high',
        sound: true,
        seed: 2_147_483_647,
        negative_prompt: nasty.slice(0, 1000),
        title: nasty.slice(0, 80),
        style: nasty.slice(0, 200),
        instrumental: true,
        language: 'pt-BR',
        dialogue: [{ text: nasty, voice: nasty.slice(0, 50) }],
        variant_count: 4,
      },
      inputs: Array.from({ length: 16 }, () => file),
    },
    upload: {
      session: { ...someSession, sentBy: 'dm' },
      problem: { code: 'wrongKind', name: nasty.slice(0, 400), kind: 'audio' },
    },
    money: { quote: { ...someQuote, credits: 1234.5, basis: 'pessimistic', balance: 99_999 }, writtenOff: 1234.5 },
    runs: [
      ...Array.from({ length: 10 }, (_, index) => runWithJob(`job-${index}`, job)),
      { model: someModel.id, seed: null, credits: 1234.5, call: 11, state: 'unclear' },
      { model: someModel.id, seed: null, credits: 1234.5, call: 12, state: 'refused' },
    ],
    shown: {
      results: Array.from({ length: 10 }, () => result),
      reason: { code: 'jobFailed', detail: nasty.slice(0, 300) },
      note: nasty,
      ...shown,
    },
    wait: { running: { since: 0, seconds: 60 }, position: 7 },
  });
}

test.each(stages)('the card of a flow that is %s passes Discord’s schemas, whatever is in it', (stage) => {
  for (const notice of notices) {
    for (const code of codes) {
      const card = renderCard(
        full(stage, {
          notice,
          reason: {
            code,
            detail: nasty.slice(0, 300),
            problem: { code: 'notWanted', name: nasty.slice(0, 400), role: undefined },
            price: 1,
            balance: 0,
            topUp: 'https://kubeez.com/pricing',
          },
        }),
        30_000,
      );
      expect(MessageEditRequestPartialSchema.safeParse(card).error).toBeUndefined();
      expect(MessageCreateRequestSchema.safeParse(card).error).toBeUndefined();
      expect(() => checkMessage(card)).not.toThrow();
      const [embed] = card.embeds;
      expect(embed?.description).not.toMatch(/(^|[^\\])@everyone/);
      expect(embed?.description).toContain('>');
    }
  }
});

test.each(locales)('every card fits in %s, however long what is in it', (locale) => {
  for (const { title, draw } of everyCard((stage) => full(stage))) {
    const card = draw(locale);
    expect(() => checkMessage(card), title).not.toThrow();
    // None is cut.
    for (const button of card.components.flatMap(({ components }) => components))
      if ('label' in button) expect(button.label?.length, title).toBeLessThan(limits.buttonLabel);
  }
});

test.each(['held', 'quoting', 'quoted', 'failed', 'cancelled', 'expired'] as const)(
  'the message to approvers of a flow that is %s passes Discord’s schemas, whatever is in it',
  (stage) => {
    const by = { by: '1001', at: 0 };
    const offer = { ...by, model: { ...someModel, name: longName }, credits: 1234.5, isRefused: true };
    const approved = { ...by, credits: 7, isOffer: true };
    const rule = { above: 1234, kind: 'image', role: '9', approvers: '70', channel: '3001' };
    const asked = { ...notAsked, rule, asks: 3, offer, problem: 'elsewhere' as const };
    for (const approval of [asked, { ...asked, approved }, { ...asked, declined: { ...by, reason: nasty } }]) {
      const message = renderAsk({ ...full(stage, {}), approval });
      expect(MessageCreateRequestSchema.safeParse(message).error).toBeUndefined();
      expect(() => checkMessage(message)).not.toThrow();
      expect(message.embeds[0]?.description).not.toMatch(/(^|[^\\])@everyone/);
      // Whoever has the link of an upload can upload.
      expect(JSON.stringify(message)).not.toContain(someSession.url);
    }
  },
);

test('the commands pass Discord’s schemas and limits', () => {
  const definitions = definitionsOf(commands, menus);
  for (const definition of definitions)
    expect(ApplicationCommandUpdateRequestSchema.safeParse(asDescribed(definition)).error).toBeUndefined();
  expect(() => checkCommands(definitions)).not.toThrow();
  const options = Object.fromEntries(
    commands.map(({ name, define }) => [name, define().options?.map((option) => option.name)]),
  );
  expect(options).toEqual({
    image: ['prompt', 'model', 'aspect', 'resolution', 'quality', 'negative', 'seed', 'spoiler'],
    edit: ['prompt', 'model', 'image', 'aspect', 'resolution', 'quality', 'seed', 'spoiler'],
    video: ['prompt', 'model', 'duration', 'aspect', 'resolution', 'sound', 'negative', 'seed', 'spoiler'],
    animate: ['prompt', 'model', 'image', 'duration', 'aspect', 'sound', 'seed', 'spoiler'],
    motion: ['prompt', 'model', 'image', 'video', 'spoiler'],
    lipsync: ['prompt', 'model', 'image', 'audio', 'spoiler'],
    music: ['prompt', 'instrumental', 'custom'],
    style: ['picture', 'clear'],
    speech: ['text', 'voice', 'language'],
    captions: ['language', 'quality', 'file'],
    separate: ['file'],
    ad: ['product', 'variants', 'language', 'aspect', 'reference', 'image'],
    cutout: ['image'],
    sound: ['prompt', 'model', 'music', 'seconds', 'file'],
    dub: ['languages', 'model', 'file'],
    models: ['kind', 'family'],
    balance: undefined,
    budget: ['show', 'set', 'remove', 'approval', 'export'],
    jobs: ['server'],
    history: ['person', 'kind', 'model', 'server'],
    show: ['id'],
    preferences: ['mentions', 'account', 'language'],
    privacy: ['show', 'export', 'forget'],
    settings: undefined,
    block: ['person', 'word', 'remove'],
    connect: ['mine', 'off'],
    doctor: undefined,
    help: undefined,
  });
});

function buttonOf(customId: string) {
  const id = readCustomId(customId);
  return id?.prefix === 'flow' ? readButtonId(id.rest) : undefined;
}

test('a custom id is read back as it was written, and nothing else is taken for one', () => {
  const id = writeButtonId({ action: 'confirm', flow: 'k3f9abcd' });
  expect(id).toBe('flow:confirm:k3f9abcd');
  expect(buttonOf(id)).toEqual({ action: 'confirm', flow: 'k3f9abcd' });
  for (const other of [
    '',
    'flow',
    'flow::',
    'flow:confirm:',
    'flow:confirm:k3f9:more',
    'xflow:confirm:k3f9',
    'flow:Confirm:k3f9',
    `flow:confirm:${'x'.repeat(33)}`,
  ]) {
    expect(buttonOf(other)).toBeUndefined();
  }
  expect(() => writeButtonId({ action: 'confirm', flow: 'with:colon' })).toThrow();
});

test('no button stands where Confirm will stand: a press on Cancel that comes late must not confirm', () => {
  const upload = { session: someSession };
  const money = { quote: someQuote };
  const inputs = [{ url: 'https://media.kubeez.com/1.png', kind: 'image' as const, name: 'one.png' }];
  const waiting: Flow[] = [
    someUploadFlow(),
    someUploadFlow({ upload }),
    someUploadFlow({ upload, asked: { inputs } }),
    someFlow(),
    someFlow({ stage: 'queued', money: { ...money, confirmed: { by: '1000', credits: 7, at: 0 } } }),
    someFlow({ stage: 'quoted', money }),
  ];
  for (const flow of waiting) {
    const [first] = renderCard(flow, 1000).components[0]?.components ?? [];
    const action = first && 'custom_id' in first ? buttonOf(first.custom_id)?.action : undefined;
    expect([flow.stage, action]).toEqual([
      flow.stage,
      flow.stage === 'uploading' && flow.upload.session ? 'done' : 'confirm',
    ]);
    expect(first?.disabled ?? false).toBe(flow.stage !== 'quoted' && flow.asked.inputs.length === 0);
  }
});

test('the card of a result says that it is made with AI, by which models, for whom and when', () => {
  const runs = [runWithJob('job-1'), runWithJob('job-2')];
  const flow = someFlowOfTwoModels({ stage: 'delivered', endedAt: 31_000, runs });
  const [embed] = renderCard(flow, 60_000).embeds;
  expect(embed?.description).toContain(`<@${flow.requester}>`);
  expect(embed?.description).toContain('Made with AI (Some Model and Other Model), <t:31:D>');
});
