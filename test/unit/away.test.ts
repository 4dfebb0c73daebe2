import { expect, test } from 'vitest';
import { step } from '../../src/flows/step.ts';
import { runWithJob, someFlow, someQuote } from '../flows.ts';

/** Nobody was there for days: the bot was stopped, or its machine stood still. */
const day = 24 * 3_600_000;
const minute = 60_000;
const start = 1_000;
/** A flow that was to go on soon after it was saved, and would give up a day later. */
const saved = { nextCheckAt: start + minute, giveUpAt: start + day };
const money = { quote: someQuote, confirmed: { by: '1000', credits: 7, at: start } };

const running = someFlow({
  stage: 'running',
  money,
  runs: [runWithJob('job-1', { status: 'running' })],
  wait: { ...saved, running: { since: start, seconds: 30 } },
});
const delivering = someFlow({
  stage: 'delivering',
  money,
  runs: [runWithJob('job-1', { status: 'completed' })],
  wait: saved,
});
const later = start + 3 * day;

test.each(['resumed', 'woke'] as const)('a job is looked at before it is given up: %s', (type) => {
  const first = step(running, { type }, later).flow;
  const looked = type === 'resumed' ? step(first, { type: 'woke' }, later) : step(running, { type }, later);
  expect(looked.flow.stage).toBe('running');
  expect(looked.effects).toContainEqual({ do: 'check' });
  // Only for a while.
  const { giveUpAt } = looked.flow.wait;
  expect(giveUpAt).toBe(later + 10 * minute);
  const last = step(
    { ...looked.flow, wait: { ...looked.flow.wait, nextCheckAt: giveUpAt } },
    { type: 'woke' },
    giveUpAt,
  );
  expect(last.flow).toMatchObject({ stage: 'unclear', shown: { reason: { code: 'gaveUp' } } });
});

test.each(['resumed', 'woke'] as const)('a result is brought before it is given up: %s', (type) => {
  const { flow, effects } = step(delivering, { type }, later);
  expect(flow.stage).toBe('delivering');
  expect(effects).toContainEqual({ do: 'deliver' });
  // A try that fails is made again, but not for ever.
  const failed = step(flow, { type: 'postFailed', again: true }, later + 1_000).flow;
  expect(failed.wait.nextCheckAt).toBe(later + 2_000);
  const { giveUpAt } = failed.wait;
  const last = step({ ...failed, wait: { ...failed.wait, nextCheckAt: giveUpAt } }, { type: 'woke' }, giveUpAt);
  expect(last.flow).toMatchObject({ stage: 'unclear', shown: { reason: { code: 'nowhere' } } });
});

test('whoever was there all the time gives up when it is time', () => {
  const { giveUpAt } = saved;
  const late = { ...delivering, wait: { ...delivering.wait, nextCheckAt: giveUpAt } };
  expect(step(late, { type: 'woke' }, giveUpAt + 2_000).flow.stage).toBe('unclear');
});
