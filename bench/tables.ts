import type { Figure, Growth, Results } from './results.ts';

/** The figures as a table of Markdown. */
export const figuresTable = ({ figures }: Pick<Results, 'figures'>): string =>
  [
    '| what | measured | bound | holds |',
    '| --- | --- | --- | --- |',
    ...figures.map(
      ({ what, measured, bound, holds }: Figure) => `| ${what} | ${measured} | ${bound} | ${verdict(holds)} |`,
    ),
  ].join('\n');

/** How costs grow as a table of Markdown: a row for each, a column for each count that any of them has. */
export function growthTable({ growth }: Pick<Results, 'growth'>): string {
  const counts = [...new Set(growth.flatMap(({ points }) => points.map(({ count }) => count)))].sort((a, b) => a - b);
  const rows = growth.map((one) => {
    const costs = counts.map((count) => {
      const point = one.points.find((candidate) => candidate.count === count);
      return point ? rounded(point.cost) : '–';
    });
    return `| ${one.what}, ${one.unit} | ${one.by} | ${costs.join(' | ')} | ${exponentText(one)} | ${verdict(one.holds)} |`;
  });
  return [
    `| what | by | ${counts.map((count) => count.toLocaleString('en')).join(' | ')} | exponent | at most linear |`,
    `| --- | --- |${' --- |'.repeat(counts.length)} --- | --- |`,
    ...rows,
  ].join('\n');
}

/** What was measured on what, as a sentence. */
export const machineText = ({ machine, node, date, seconds }: Results): string =>
  `Measured on ${date} within ${Math.ceil(seconds / 60)} minutes, on ${machine.cores} cores (${machine.processor}, ${machine.system}) with Node ${node}.`;

const verdict = (holds: boolean) => (holds ? 'yes' : '**no**');

/** The exponent of a growth, or that there is none to be seen. */
export const exponentText = ({ exponent }: Growth) => (exponent === null ? 'none seen' : exponent.toFixed(2));

const rounded = (cost: number) => (Math.abs(cost) < 10 ? cost.toFixed(2) : cost.toFixed(0));
