import { expect, test } from 'vitest';
import { OddAnswers, shapeOf, shapeOfResult } from '../../src/kubeez/oddAnswers.ts';

const text = (words: string) => ({ content: [{ type: 'text', text: words }] });

test('a shape has names and kinds, and no value', () => {
  const answer = {
    status: 'completed',
    cost: 12.5,
    isDone: true,
    error: null,
    outputs: [{ url: 'https://media.example/a.png' }, { url: 'https://media.example/b.png' }, 'none'],
    empty: [],
  };
  expect(shapeOf(answer)).toEqual({
    status: 'string',
    cost: 'number',
    isDone: 'boolean',
    error: 'null',
    outputs: [{ url: 'string' }, 'string'],
    empty: [],
  });
});

test.each([
  'https://media.example/secret.png',
  'ada@example.com',
  'a fox in the snow',
  'f3c1a2b4-0000-4000-8000-1234567890ab',
  'user123456789',
  'x'.repeat(41),
])('a name that may be a value is left out: %s', (name) => {
  expect(shapeOf({ [name]: 1 })).toEqual({ '…': 'number' });
});

test('a huge or deep answer has a small shape', () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, index]));
  const deep = Array.from({ length: 100 }).reduce<object>((inner) => ({ inner }), {});
  expect(JSON.stringify(shapeOf({ wide, deep, long: Array.from({ length: 5000 }, () => wide) })).length).toBeLessThan(
    3000,
  );
});

test('the JSON in a text is opened, and words without any are only a text', () => {
  expect(shapeOfResult(text('Here: {"credits": {"left": 4}}'))).toEqual({ content: [{ credits: { left: 'number' } }] });
  expect(shapeOfResult(text('You have 4 credits.'))).toEqual({ content: [{ type: 'string', text: 'string' }] });
});

test('the latest shapes are kept, each once', () => {
  const answers = new OddAnswers();
  for (let number = 0; number < 30; number++) answers.note('balance', text(`{"a${number}": 1}`), number);
  answers.note('balance', text('{"a20": 2}'), 99);
  const seen = answers.shapesSeen();
  expect(seen).toHaveLength(20);
  expect(seen.at(-1)).toEqual({ tool: 'balance', shape: { content: [{ a20: 'number' }] }, times: 2, at: 99 });
});
