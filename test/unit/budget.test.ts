import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { portion, ReadQueue, readBudget } from '../../src/kubeez/budget.ts';
import { currentTrace, traceOf, tracing } from '../../src/trace.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('however many ask, no minute has more than 120 reads, and those a person waits for do not queue behind polls', async () => {
  const queue = new ReadQueue(readBudget);
  const reads: number[] = [];
  const read = async () => void reads.push(Date.now());
  for (let count = 0; count < 400; count++) {
    void queue.run('watching', read);
    void queue.run('asking', read);
  }
  const begun = Date.now();
  await vi.advanceTimersByTimeAsync(0);
  expect(reads.filter((at) => at === begun).length).toBe(86);
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  const most = Math.max(...reads.map((at) => reads.filter((one) => one >= at && one < at + 60_000).length));
  expect(most).toBeLessThanOrEqual(120);
  // Used to the full, too: five minutes allow nearly 600.
  expect(reads.length).toBeGreaterThan(550);
});

test('a share of a rate is fewer in the same time, or one in a longer time', () => {
  expect(portion({ cap: 30, interval: 60_000 }, 1)).toEqual({ cap: 30, interval: 60_000 });
  expect(portion({ cap: 30, interval: 60_000 }, 0.25)).toEqual({ cap: 7, interval: 60_000 });
  expect(portion({ cap: 6, interval: 5000 }, 0.125)).toEqual({ cap: 1, interval: 5000 / 0.75 });
});

test('a read that waited is done in the name of whoever asked for it', async () => {
  const queue = new ReadQueue({ ...readBudget, all: { cap: 1, interval: 1000 } });
  const reads = ['fox', 'wolf', 'hare'].map((id) => tracing(id, () => queue.run('asking', async () => currentTrace())));
  await vi.advanceTimersByTimeAsync(5000);
  expect(await Promise.all(reads)).toEqual(['fox', 'wolf', 'hare'].map(traceOf));
});

test('reads of an account that is no longer asked are refused like in an outage: none waits for ever', async () => {
  const queue = new ReadQueue({ ...readBudget, asking: { cap: 1, interval: 60_000 } });
  const never = () => new Promise<void>(() => {});
  const reads = [queue.run('asking', never), queue.run('asking', never)];
  queue.stop();
  reads.push(queue.run('watching', never));
  const ends = await Promise.allSettled(reads);
  expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual(['outage', 'outage', 'outage']);
});
