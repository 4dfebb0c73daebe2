import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KeyedQueue } from '../../src/state/keyedQueue.ts';

test('one task at a time for each key, the most urgent first; other keys do not wait for it', async () => {
  const queue = new KeyedQueue();
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await setTimeout(1);
    log.push(`${name} ends`);
  };
  void queue.run('a', task('first'));
  void queue.run('a', task('usual'));
  void queue.run('a', task('urgent'), 1);
  void queue.run('b', task('other'));
  expect(log).toEqual(['first begins', 'other begins']);
  await queue.onIdle();
  expect(log.filter((line) => !line.startsWith('other'))).toEqual(
    ['first', 'urgent', 'usual'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

test('a task that throws holds up nothing, and a key is forgotten once nothing waits for it', async () => {
  const queue = new KeyedQueue();
  const failed = queue.run('a', async () => {
    throw new Error('no');
  });
  const after = queue.run('a', async () => 'after');
  await expect(failed).rejects.toThrow('no');
  expect(await after).toBe('after');
  expect(queue.isBusy('a')).toBe(false);
});
