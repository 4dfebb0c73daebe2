import { expect, test } from 'vitest';
import { exponentOf, isAtMostLinear, type Point } from '../../bench/exponent.ts';

const pointsOf = (cost: (count: number) => number): Point[] =>
  [1, 10, 100, 1000, 10_000].map((count) => ({ count, cost: cost(count) }));

test.each([
  ['linear', (count: number) => 80 + count * 0.01, 1],
  ['quadratic', (count: number) => 0.2 + count ** 2 * 1e-7, 2],
  ['by the square root', (count: number) => 5 + Math.sqrt(count), 0.5],
])('the exponent of what grows %s is found beside a constant', (_, cost, exponent) => {
  expect(Math.abs((exponentOf(pointsOf(cost), 0.01) ?? 0) - exponent)).toBeLessThan(0.1);
});

test('what is within the noise bends no line', () => {
  const jitter = [0, 0.9, -0.9, 0.5, 0];
  const points = pointsOf((count) => 80 + count * 0.01).map((point, index) => ({
    ...point,
    cost: point.cost + (jitter[index] ?? 0),
  }));
  expect(exponentOf(points, 2)).toBeCloseTo(1, 1);
});

test('what does not grow has no exponent, and is not above linear', () => {
  const points = pointsOf((count) => 80 + (count % 3));
  expect(exponentOf(points, 5)).toBeUndefined();
  expect(isAtMostLinear(points, 5)).toBe(true);
});

test('what grows faster than linear is told, also where it stands out at the last point alone', () => {
  expect(
    isAtMostLinear(
      pointsOf((count) => 0.2 + count ** 2 * 1e-7),
      0.01,
    ),
  ).toBe(false);
  expect(
    isAtMostLinear(
      pointsOf((count) => 1 + (count === 10_000 ? 5 : 0)),
      0.5,
    ),
  ).toBe(false);
});

test('what grows faster than linear at the end alone is told', () => {
  expect(
    isAtMostLinear(
      pointsOf((count) => 80 + Math.sqrt(count) + count ** 2 * 1e-5),
      0.5,
    ),
  ).toBe(false);
  expect(
    isAtMostLinear(
      pointsOf((count) => 80 + Math.sqrt(count)),
      0.5,
    ),
  ).toBe(true);
});

test('what is linear, and stands out of the noise at the last point alone, is not above linear', () => {
  const points = pointsOf((count) => 900 + count * 0.1);
  expect(exponentOf(points, 140)).toBeUndefined();
  expect(isAtMostLinear(points, 140)).toBe(true);
});
