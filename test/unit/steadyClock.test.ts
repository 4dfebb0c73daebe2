import { expect, test } from 'vitest';
import { steady } from '../../src/clock.ts';

test('a clock that is set back goes on a tenth slower until the machine’s has caught up, and tells so once', () => {
  let [wall, elapsed] = [1_000_000, 0];
  const told: number[] = [];
  const now = steady(
    () => wall,
    () => elapsed,
    (by) => told.push(by - (now() - now())),
  );
  const pass = (milliseconds: number) => {
    wall += milliseconds;
    elapsed += milliseconds;
    return now();
  };
  expect(pass(1000)).toBe(1_001_000);
  wall -= 10_000;
  expect(pass(1000)).toBe(1_001_900);
  expect(pass(10_000)).toBe(1_010_900);
  expect(told).toEqual([9_900]);
  // 100 seconds after it was set back it is the same as the machine's again.
  expect(pass(89_000)).toBe(1_091_000);
  wall += 50_000;
  expect(pass(0)).toBe(1_141_000);
});
