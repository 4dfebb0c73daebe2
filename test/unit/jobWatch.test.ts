import { expect, test } from 'vitest';
import { ReadQueue } from '../../src/kubeez/budget.ts';
import { KubeezError } from '../../src/kubeez/errors.ts';
import { JobWatch } from '../../src/kubeez/jobWatch.ts';
import type { JobStatus } from '../../src/kubeez/media.ts';

const status: JobStatus = {
  status: 'running',
  outputs: [],
  missing: [],
  isPartial: false,
  error: null,
  charged: null,
  seed: null,
};

/** A platform whose history knows these jobs; the reads it had, in order. */
function setUp(known: string[], gone: string[] = [], hasLatest = true): { watch: JobWatch; reads: string[] } {
  const wide = { cap: 1000, interval: 1000 };
  const reads: string[] = [];
  const watch = new JobWatch(new ReadQueue({ all: wide, asking: wide, watching: wide }), {
    hasLatest: async () => hasLatest,
    async latest() {
      reads.push('history');
      return new Map(known.map((id) => [id, status]));
    },
    async one(id) {
      reads.push(id);
      if (gone.includes(id)) throw new KubeezError('notFound', 'no such job');
      return status;
    },
  });
  return { watch, reads };
}

test('three jobs share one look into the history; one that is not in it is asked for by itself', async () => {
  const { watch, reads } = setUp(['a', 'b']);
  await Promise.all(['a', 'b', 'old'].map((id) => watch.status(id)));
  expect(reads).toEqual(['history', 'old']);
});

test('two are asked for one by one, and what is wrong with the one is not said of the other', async () => {
  const { watch, reads } = setUp(['a', 'b'], ['a']);
  const [first, second] = await Promise.allSettled([watch.status('a'), watch.status('b')]);
  expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled']);
  expect(reads).toEqual(['a', 'b']);
});

test('what a job cost stands in the history alone', async () => {
  const { watch, reads } = setUp(['a']);
  await watch.status('a', true);
  expect(reads).toEqual(['history']);
  // Asked later, it is read anew.
  await watch.status('a');
  expect(reads).toEqual(['history', 'a']);
});

test('where there is no history every job is asked for by itself', async () => {
  const { watch, reads } = setUp([], [], false);
  await Promise.all(['a', 'b', 'c'].map((id) => watch.status(id, true)));
  expect(reads.sort()).toEqual(['a', 'b', 'c']);
});
