import { expect, test } from 'vitest';
import { Alarms } from '../../src/engine/alarms.ts';
import { ManualClock } from '../manualClock.ts';

function setUp() {
  const clock = new ManualClock();
  const woken: string[] = [];
  const alarms = new Alarms(clock, (key) => woken.push(key));
  return { clock, woken, alarms, start: clock.time };
}

test('every alarm goes off once, at its time, with one timer for all', () => {
  const { clock, woken, alarms, start } = setUp();
  for (let number = 0; number < 100; number++) alarms.set(`flow-${number}`, start + 1000 + number * 1000);
  alarms.set('early', start + 500);
  expect(clock.timers.size).toBe(1);
  clock.moveTo(start + 499);
  expect(woken).toEqual([]);
  clock.moveTo(start + 500);
  expect(woken).toEqual(['early']);
  clock.moveTo(start + 3000);
  expect(woken).toEqual(['early', 'flow-0', 'flow-1', 'flow-2']);
  expect(clock.timers.size).toBe(1);
});

test('an alarm that is set anew goes off at the new time alone, and one that was taken back not at all', () => {
  const { clock, woken, alarms, start } = setUp();
  alarms.set('later', start + 100);
  alarms.set('later', start + 5000);
  alarms.set('gone', start + 200);
  alarms.clear('gone');
  clock.moveTo(start + 4000);
  expect(woken).toEqual([]);
  clock.moveTo(start + 5000);
  expect(woken).toEqual(['later']);
  alarms.set('another', start + 6000);
  alarms.clearAll();
  expect(clock.timers.size).toBe(0);
});

test('one that is set for now by what it wakes goes off again a moment later, not within the same look', () => {
  const clock = new ManualClock();
  let count = 0;
  const alarms = new Alarms(clock, (key) => {
    count++;
    alarms.set(key, clock.now());
  });
  alarms.set('busy', clock.time);
  clock.moveTo(clock.time);
  expect(count).toBe(1);
  clock.moveTo(clock.time + 10);
  expect(count).toBe(2);
});

test('of many alarms at the same moment twenty go off at once, the others right after them', () => {
  const { clock, alarms, woken } = setUp();
  for (let key = 0; key < 45; key++) alarms.set(`${key}`, clock.time + 1000);
  clock.moveTo(clock.time + 1000);
  expect(woken.length).toBe(20);
  clock.moveTo(clock.time + 10);
  clock.moveTo(clock.time + 10);
  expect(new Set(woken).size).toBe(45);
});

test('when an alarm went off is known until it is set anew or taken back', () => {
  const clock = new ManualClock();
  const alarms = new Alarms(clock, () => {});
  const at = clock.time + 5_000;
  alarms.set('a', at);
  expect(alarms.timeOf('a')).toBe(at);
  clock.moveTo(at + 1_000);
  expect(alarms.timeOf('a')).toBe(at);
  alarms.set('a', at + 10_000);
  expect(alarms.timeOf('a')).toBe(at + 10_000);
  alarms.clear('a');
  expect(alarms.timeOf('a')).toBeUndefined();
});
