/** What something cost with so many of what it grows with. */
export interface Point {
  count: number;
  cost: number;
}

/**
 * The exponent k in cost = constant + c × count^k. The cost with the fewest counts as the constant and is taken off; what is
 * then within the noise is left out; through the logarithms of the rest a line is laid (least squares).
 *
 * @param points the fewest first
 * @param noise by how much two measurements of the same may differ, in the unit of the costs
 * @returns undefined where fewer than two points stand out, so that no line can be laid
 */
export function exponentOf(points: readonly Point[], noise: number): number | undefined {
  const constant = points[0]?.cost ?? 0;
  const logs = points
    .map(({ count, cost }) => ({ count, added: cost - constant }))
    .filter(({ added }) => added > noise)
    .map(({ count, added }) => ({ x: Math.log(count), y: Math.log(added) }));
  if (logs.length < 2) return undefined;
  const mean = { x: meanOf(logs.map(({ x }) => x)), y: meanOf(logs.map(({ y }) => y)) };
  const [sum, squares] = [
    meanOf(logs.map(({ x, y }) => (x - mean.x) * (y - mean.y))),
    meanOf(logs.map(({ x }) => (x - mean.x) ** 2)),
  ];
  return sum / squares;
}

/** A line through few points that were measured is never exactly right. */
const most = 1.1;

/**
 * Whether a cost grows no faster than that which it grows with, neither over all points nor at the end of them: what grows
 * faster may be hidden for long beside what does not. Where the last point alone stands out, the one before may have cost as
 * much more as the noise hides.
 *
 * @param points the fewest first
 * @param noise as {@link exponentOf} takes it
 */
export function isAtMostLinear(points: readonly Point[], noise: number): boolean {
  const [first, before, last] = [points[0], points.at(-2), points.at(-1)];
  if (!first || !before || !last) return true;
  const exponent = exponentOf(points, noise);
  if (exponent === undefined) return last.cost - first.cost < noise * (last.count / before.count);
  const atTheEnd = exponentOf([first, ...points.slice(-2)], noise) ?? exponent;
  return exponent <= most && atTheEnd <= most;
}

const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
