import { expect, test } from 'vitest';
import { Ticker } from '../../src/engine/ticker.ts';
import { someFlow } from '../flows.ts';
import { ManualClock } from '../manualClock.ts';

function setUp() {
  const clock = new ManualClock();
  const drawn: string[] = [];
  const read: string[] = [];
  const ticker = new Ticker({
    clock,
    isBusy: () => false,
    tick: (id) => {
      drawn.push(id);
      return 'drawn';
    },
    redraw: (id) => read.push(id),
  });
  return { clock, drawn, read, ticker };
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `flow${from + index}`);

test('with many cards only the first are at hand; the records of the others are read when there is room', () => {
  const { clock, drawn, read, ticker } = setUp();
  // The first is drawn at once.
  const atHand = ids(0, 600).filter((id) => ticker.add(id, false));
  expect(atHand).toEqual(ids(0, 501));
  expect(ticker.add('ended', true)).toBe(true);
  expect(drawn).toEqual(['flow0']);
  expect(read).toEqual([]);

  clock.moveTo(clock.time + 100);
  clock.moveTo(clock.time + 100);
  expect(drawn).toEqual(['flow0', 'flow1', 'flow2']);
  expect(read).toEqual(['flow501']);
  expect(ticker.isDue('flow501')).toBe(true);
});

test('what is drawn anew or given up meanwhile is not drawn as it was read', () => {
  const { clock, read, ticker } = setUp();
  for (const id of ids(0, 503)) ticker.add(id, false);
  ticker.stopMoving('flow501');
  for (let times = 0; times < 3; times++) clock.moveTo(clock.time + 100);
  expect(read).toEqual(['flow502']);
  ticker.stopMoving('flow502');
  expect(ticker.isDue('flow502')).toBe(false);
});

test('a running job is read again some time later, and once more where that failed', () => {
  const { clock, read, ticker } = setUp();
  ticker.keepMoving({ ...someFlow({ stage: 'running' }), id: 'moving' });
  clock.moveTo(clock.time + 60_000);
  expect(read).toEqual(['moving']);
  ticker.tryAgain('moving');
  clock.moveTo(clock.time + 60_000);
  expect(read).toEqual(['moving', 'moving']);
});
