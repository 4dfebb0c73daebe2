import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { isUnknownTask } from '../../src/kubeez/failures.ts';
import { readTask, taskIn } from '../../src/kubeez/tasks.ts';

const blank = (words: string) => words;
const read = (answer: Record<string, unknown>) => readTask('t', answer, blank);

test('a task in place of an answer is known by its type and its id alone', () => {
  expect(taskIn({ resultType: 'task', taskId: 't', pollIntervalMs: 5000 })).toEqual({ id: 't', pause: 5000 });
  expect(taskIn({ resultType: 'complete', taskId: 't' })).toBeUndefined();
  expect(taskIn({ resultType: 'task', taskId: '' })).toBeUndefined();
  expect(taskIn({ resultType: 'task' })).toBeUndefined();
});

test.each([
  [undefined, 0],
  ['soon', 0],
  [-1, 0],
  [Number.POSITIVE_INFINITY, 0],
  [3_600_000, 600_000],
])('a pause of %s between two looks is taken as %s ms', (pollIntervalMs, pause) => {
  expect(taskIn({ resultType: 'task', taskId: 't', pollIntervalMs })?.pause).toBe(pause);
});

test.each(['working', 'input_required'])('a task that is %s goes on', (status) => {
  expect(read({ status, taskId: 't', inputRequests: {} })).toEqual({ task: { id: 't', pause: 0 } });
});

test('a task that is completed has the result of its call; one without a result has an empty one', () => {
  const result = { content: [], isError: true };
  expect(read({ status: 'completed', result })).toEqual({ result });
  expect(read({ status: 'completed' })).toEqual({ result: {} });
  expect(read({ status: 'completed', result: 'done' })).toEqual({ result: {} });
});

test.each([
  [{ status: 'failed' }, 'lost', false],
  [{ status: 'cancelled', statusMessage: 7 }, 'lost', false],
  [{ status: 'failed', error: 'broken' }, 'lost', false],
  [{ status: 'failed', error: { code: -32_603, message: 'Internal error' }, statusMessage: 'x' }, 'lost', false],
  [{ status: 'failed', error: { code: -32_603, message: 'Rate limit exceeded' } }, 'busy', true],
  [{ status: 'cancelled', statusMessage: 'Not enough credits' }, 'insufficient', true],
] as const)('a task that ended without a result (%j): %s', (answer, code, isClaim) => {
  expect(read(answer)).toMatchObject({ failure: { code, isClaim } });
});

test.each([{}, { status: 'done' }, { status: null }, { task: { status: 'working' } }])(
  'an answer that tells nothing of a task (%j) is not read',
  (answer) => expect(read(answer)).toBeUndefined(),
);

test('a task that a server does not know, and trouble of other kinds', () => {
  expect(isUnknownTask(new McpError(-32_602, 'Task not found'))).toBe(true);
  expect(isUnknownTask(new McpError(-32_601, 'Method not found'))).toBe(true);
  expect(isUnknownTask(new McpError(-32_603, 'Internal error'))).toBe(false);
  expect(isUnknownTask(new Error('-32602'))).toBe(false);
});
