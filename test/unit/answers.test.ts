import { expect, test } from 'vitest';
import { estimateSchema, historySchema, pickSchema, statusSchema } from '../../src/kubeez/answers.ts';
import { refusalOf } from '../../src/kubeez/errors.ts';
import { readStatus } from '../../src/kubeez/jobStatus.ts';

const origin = 'https://media.example';
const stateOf = (answer: object) => readStatus('media', statusSchema.parse(answer), origin).status;

test('a finished job counts as running until each of its results has an address that can be read', () => {
  const ready = { url: '/images/1.png' };
  expect(stateOf({ status: 'Completed', outputs: [ready] })).toBe('completed');
  for (const url of [null, '', 'https://', 'http://[broken', 42])
    expect(stateOf({ status: 'completed', outputs: [ready, { url }] })).toBe('running');
  expect(stateOf({ status: 'completed', outputs: [] })).toBe('running');
  expect(stateOf({ status: 'dreaming' })).toBe('running');
});

test('a history is read row by row; one in which nothing can be read is no empty history', () => {
  const row = { id: '1', status: 'completed', outputs: [] };
  expect(historySchema.parse({ generations: [row, { status: 'completed' }, 'odd'] }).map(({ id }) => id)).toEqual([
    '1',
  ]);
  expect(historySchema.parse([])).toEqual([]);
  expect(historySchema.safeParse([{ status: 'completed' }]).success).toBe(false);
  expect(historySchema.safeParse({ rows: [row] }).success).toBe(false);
});

test('the total of an estimate is found under any of its known names, also as text, or there is no price', () => {
  for (const name of ['estimated_cost_credits', 'total_credits', 'cost_credits', 'credits', 'cost'])
    expect(estimateSchema.parse({ [name]: 51, breakdown: {} })).toBe(51);
  expect(estimateSchema.parse({ credits: '51.0' })).toBe(51);
  for (const odd of [
    {},
    { price: 51 },
    { credits: '51 credits' },
    { credits: -1 },
    { credits: '' },
    { cost: null },
    51,
  ])
    expect(estimateSchema.safeParse(odd).success).toBe(false);
});

test.each(['fetch failed', 'Unknown error', '504 Gateway Timeout', 'Something went wrong, please try again'])(
  'words of something that broke behind a read, such as “%s”, are no refusal of what was asked',
  (text) => {
    expect(refusalOf(text).code).toBe('outage');
  },
);

test('a refusal in words that nobody knows is one of what was asked', () => {
  expect(refusalOf('The moon is not a valid aspect ratio.').code).toBe('invalid');
});

test('a pick of no model is an answer', () => {
  expect(pickSchema.parse({ primary: null })).toBeUndefined();
  expect(pickSchema.parse({ primary: { model_id: 'some-model' } })).toBe('some-model');
});
