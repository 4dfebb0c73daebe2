import {
  ApplicationCommandUpdateRequestSchema,
  MessageCreateRequestSchema,
  MessageEditRequestPartialSchema,
} from 'discord-api-spec/zod';
import { expect, test } from 'vitest';
import { asDescribed, checkMessage } from '../../playground/discord/checks.ts';
import { checkCommands } from '../../playground/discord/commandChecks.ts';
import { commands } from '../../src/commands/index.ts';
import { readCustomId } from '../../src/discord/customId.ts';
import { readButtonId, writeButtonId } from '../../src/flows/buttonId.ts';
import { renderCard } from '../../src/flows/card.ts';
import { type Flow, type Stage, stages } from '../../src/flows/flow.ts';
import { reasonSchema } from '../../src/flows/reasons.ts';
import { menus } from '../../src/requests/menus.ts';
import { someFlow, someUploadFlow } from '../flows.ts';

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
function full(stage: Stage, changes: Partial<Flow> = {}): Flow {
  const file = {
    url: 'https://media.example/a',
    kind: 'image' as const,
    name: nasty.slice(0, 200),
    seconds: 12.4,
    bytes: 5_000_000,
  };
  const job = {
    id: 'job',
    status: 'completed' as const,
    outputs: [],
    error: nasty,
    charged: 7,
    seed: 123,
    missing: [nasty.slice(0, 200)],
    overAt: 0,
  };
  const url = `https://media.example/${'x'.repeat(100)}`;
  const result = { name: 'x', url, link: url, why: 'tooLarge' as const, as: 'poster' as const };
  return someFlow({
    stage,
    prompt: nasty,
    model: {
      ...someFlow().model,
      name: longName,
      needs: [
        { kinds: ['image'], min: 1, max: 16 },
        { kinds: ['audio', 'video'], min: 1, max: 1, seconds: [3, 30] },
      ],
    },
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
    upload: {
      token: 't',
      url: 'https://upload.example/t',
      sentBy: 'dm',
      startedAt: 0,
      direct: null,
      explained: null,
      link: null,
      transferred: false,
    },
    uploadProblem: nasty.slice(0, 400),
    quote: { credits: 1234.5, basis: 'pessimistic', balance: 99_999, at: 0, until: 600_000 },
    running: { since: 0, seconds: 60 },
    place: 7,
    jobs: Array.from({ length: 10 }, () => job),
    results: Array.from({ length: 10 }, () => result),
    reason: { code: 'jobFailed', detail: nasty.slice(0, 300) },
    note: nasty,
    parent: 'k3f9abce',
    ...changes,
  });
}

test.each(stages)('the card of a flow that is %s passes Discord’s schemas, whatever is in it', (stage) => {
  for (const notice of notices) {
    for (const code of codes) {
      const card = renderCard(
        full(stage, {
          notice,
          reason: { code, detail: nasty.slice(0, 300), price: 1, balance: 0, topUp: 'https://kubeez.com/pricing' },
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

test('the commands pass Discord’s schemas and limits', () => {
  const definitions = [...commands, ...menus].map(({ data }) => data);
  for (const definition of definitions)
    expect(ApplicationCommandUpdateRequestSchema.safeParse(asDescribed(definition)).error).toBeUndefined();
  expect(() => checkCommands(definitions)).not.toThrow();
  const options = Object.fromEntries(
    commands.map(({ data }) => [data.name, data.options?.map((option) => option.name)]),
  );
  expect(options).toEqual({
    image: ['prompt', 'model', 'aspect', 'resolution', 'quality', 'negative', 'seed', 'spoiler'],
    edit: ['prompt', 'model', 'image', 'aspect', 'resolution', 'quality', 'seed', 'spoiler'],
    video: ['prompt', 'model', 'duration', 'aspect', 'resolution', 'sound', 'negative', 'seed', 'spoiler'],
    animate: ['prompt', 'model', 'image', 'duration', 'aspect', 'sound', 'seed', 'spoiler'],
    motion: ['prompt', 'model', 'image', 'video', 'spoiler'],
    lipsync: ['prompt', 'model', 'image', 'audio', 'spoiler'],
    music: ['prompt', 'instrumental', 'custom'],
    speech: ['text', 'voice', 'language'],
    captions: ['language', 'quality', 'file'],
    separate: ['file'],
    ad: ['product', 'variants', 'language', 'aspect', 'reference', 'image'],
    cutout: ['image'],
    sound: ['prompt', 'model', 'music', 'seconds', 'file'],
    dub: ['languages', 'model', 'file'],
    models: ['kind', 'family'],
    balance: undefined,
    jobs: ['server'],
    history: ['person', 'kind', 'model', 'server'],
    show: ['id'],
    preferences: ['mentions'],
    connect: ['off'],
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
  const upload = {
    token: 't',
    url: 'https://kubeez.com/u',
    direct: null,
    transferred: false,
    sentBy: null,
    explained: null,
    link: null,
    startedAt: 0,
  };
  const quote = { credits: 7, basis: 'list' as const, balance: 100, at: 0, until: 600_000 };
  const waiting: Flow[] = [
    someUploadFlow(),
    someUploadFlow({ upload }),
    someUploadFlow({ upload, inputs: [{ url: 'https://media.kubeez.com/1.png', kind: 'image', name: 'one.png' }] }),
    someFlow(),
    someFlow({ stage: 'queued', quote, confirmed: { by: '1000', credits: 7, at: 0 } }),
    someFlow({ stage: 'quoted', quote }),
  ];
  for (const flow of waiting) {
    const [first] = renderCard(flow, 1000).components[0]?.components ?? [];
    const action = first && 'custom_id' in first ? buttonOf(first.custom_id)?.action : undefined;
    expect([flow.stage, action]).toEqual([flow.stage, flow.stage === 'uploading' && flow.upload ? 'done' : 'confirm']);
    expect(first?.disabled ?? false).toBe(flow.stage !== 'quoted' && flow.inputs.length === 0);
  }
});
