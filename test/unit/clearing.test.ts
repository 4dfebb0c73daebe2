import { expect, test } from 'vitest';
import { cleared, mayClear } from '../../src/flows/clearing.ts';
import { flowSchema, stages } from '../../src/flows/flow.ts';
import { newJob, type Run } from '../../src/flows/runs.ts';
import { entriesOf } from '../../src/guilds/entries.ts';
import { someFlow } from '../flows.ts';

const before = 1_000;
const run = { model: 'some-model', seed: null, credits: 7, call: 1 };
const done: Run = {
  ...run,
  state: 'job',
  job: {
    ...newJob('job-1'),
    status: 'completed',
    outputs: [{ url: 'https://media.example/fox.png', kind: 'image' }],
    charged: 7,
  },
};
const ended = (changes: Parameters<typeof someFlow>[0] = {}) =>
  someFlow({ stage: 'delivered', endedAt: before, runs: [done], money: { heldAt: 10 }, ...changes });

test('only what has ended for good is cleared', () => {
  const stagesCleared = stages.filter((stage) => mayClear(ended({ stage }), before));
  expect(stagesCleared).toEqual(['delivered', 'failed', 'cancelled', 'expired']);
});

test('and only once it ended long enough ago', () => {
  expect(mayClear(ended({ endedAt: before + 1 }), before)).toBe(false);
  expect(mayClear(ended({ endedAt: null }), before)).toBe(false);
});

test.each<[string, Run]>([
  ['unclear', { ...run, state: 'unclear' }],
  ['begun', { ...run, state: 'begun' }],
  ['running', { ...done, job: { ...done.job, status: 'running' } }],
  ['without all of its files', { ...done, job: { ...done.job, missing: [1] } }],
])('a run that is %s keeps its flow', (_, other) => {
  expect(mayClear(ended({ runs: [done, other] }), before)).toBe(false);
});

test('nothing that was written is left, and the ledger reads the same', () => {
  const written = 'heron';
  const file = { url: `https://media.example/${written}.png`, kind: 'image' as const, name: `${written}.png` };
  const flow = ended({
    asked: {
      prompt: written,
      options: {
        negative_prompt: written,
        lyrics: written,
        title: written,
        dialogue: [{ text: written }],
        style: written,
        song_description: written,
        music_prompt: written,
        negative_tags: written,
      },
      style: { name: written, before: written, after: '', isOff: false } as never,
      inputs: [file],
      attachments: [file],
    },
    approval: { declined: { by: '7', at: 1, reason: written } },
    runs: [{ ...done, job: { ...done.job, outputs: [{ url: file.url, kind: 'image' }], error: written } }],
    shown: {
      note: written,
      words: [[written, 0, 1]],
      reason: { code: 'wordBlocked', detail: written, rule: { word: written } },
      results: [{ name: `${written}.png`, url: file.url, as: 'link', why: null, link: file.url }],
      sentAhead: [
        { message: '1', first: 0, results: [{ name: written, url: file.url, as: 'file', why: null, link: null }] },
      ],
    },
    wait: { claim: { code: 'moderation', detail: written } },
  });
  const left = cleared(flow, 5_000);
  expect(JSON.stringify(left)).not.toContain(written);
  expect(JSON.stringify(left)).not.toContain('media.example');
  expect(left.clearedAt).toBe(5_000);
  expect(entriesOf(left)).toEqual(entriesOf(flow));
  expect(flowSchema.parse(JSON.parse(JSON.stringify(left)))).toEqual(left);
});
