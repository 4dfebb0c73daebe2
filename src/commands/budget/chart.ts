import type { MonthSums, Sum } from './monthSums.ts';

/**
 * The picture of a month: credits a day, by person and by kind, as SVG. Pure. It has figures and marks only; what they
 * stand for is said in the message, because no font has the letters of every name.
 */

/** The picture has a ground of its own, so that it looks the same on Discord’s light and dark. */
export const ground = '#1e1f22';
export const ink = '#dbdee1';
const faint = '#4e5058';

/** By which a person is found in the picture: a number. */
export const personMark = ({ name }: Sum, index: number) => (name === null ? '+' : String(index + 1));

/** By which a kind is found in the picture: a square of this colour, which is that of the emoji in the message. */
const squares = [
  { emoji: '🟦', colour: '#55acee' },
  { emoji: '🟧', colour: '#f4900c' },
  { emoji: '🟩', colour: '#78b159' },
  { emoji: '🟪', colour: '#aa8ed6' },
  { emoji: '🟨', colour: '#fdcb58' },
  { emoji: '🟥', colour: '#ea596e' },
  { emoji: '🟫', colour: '#c1694f' },
];
const restSquare = { emoji: '⬜', colour: '#e6e7e8' };

/** The square of a kind, the first of the list being that which took most. */
export const kindSquare = ({ name }: Sum, index: number) =>
  name === null ? restSquare : (squares[index] ?? restSquare);

const width = 560;
const margin = 20;
/** Where the bars of the days begin, to the right of the figures of their scale. */
const scaleRoom = 44;
const daysHeight = 150;
const rowHeight = 24;
const barHeight = 14;
/** To the left of a bar, for its mark; to the right, for its figure. */
const markRoom = 24;
const figureRoom = 64;

/** Draws the sums of a month that has any. */
export function chartSvg(sums: MonthSums): string {
  const { days, people, kinds } = sums;
  const rows = Math.max(people.length, kinds.length);
  const rowsTop = margin + daysHeight + 46;
  const height = rowsTop + rows * rowHeight + margin - (rowHeight - barHeight);
  const half = (width - 3 * margin) / 2;
  const secondLeft = 2 * margin + half;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="10" fill="${ground}"/>`,
    '<g font-family="Oxygen" font-size="12">',
    ...dayBars(days, kinds),
    ...rowsOf(people, margin, rowsTop, half, (sum, index, y) => ({
      mark: words(personMark(sum, index), margin + markRoom / 2 - 4, y, 'middle'),
      colour: '#949cf7',
    })),
    ...rowsOf(kinds, secondLeft, rowsTop, half, (sum, index, y) => {
      const { colour } = kindSquare(sum, index);
      return { mark: box(secondLeft, y, barHeight, barHeight, colour), colour };
    }),
    '</g></svg>',
  ].join('');
}

/** A bar for each day, made of its kinds; to the left the scale, below the days. */
function dayBars(days: number[][], kinds: Sum[]): string[] {
  const totals = days.map((parts) => parts.reduce((sum, one) => sum + one, 0));
  const scale = scaleFor(Math.max(...totals));
  const bottom = margin + daysHeight;
  const left = margin + scaleRoom;
  const step = (width - margin - left) / days.length;
  const lines = scale.flatMap((credits) => {
    const y = bottom - heightOf(credits, scale);
    return [
      `<path d="M${left} ${tenth(y)}H${width - margin}" stroke="${faint}"/>`,
      words(figure(credits), left - 8, y - barHeight / 2, 'end'),
    ];
  });
  const bars = days.flatMap((parts, day) => {
    let top = bottom;
    return parts.map((credits, index) => {
      const height = heightOf(credits, scale);
      top -= height;
      const sum = kinds[index];
      const colour = sum ? kindSquare(sum, index).colour : restSquare.colour;
      return credits > 0 ? box(left + day * step + step * 0.15, top, step * 0.7, height, colour) : '';
    });
  });
  const names = days.map((_, day) => words(String(day + 1), left + (day + 0.5) * step, bottom + 6, 'middle', 9));
  return [...lines, ...bars, ...names];
}

const heightOf = (credits: number, scale: number[]) => (credits / (scale.at(-1) ?? 1)) * daysHeight;

/** The figures of a scale from 0 up to at least `most`: four steps of a round number. */
export function scaleFor(most: number): number[] {
  const rough = Math.max(most, 0.04) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 1.5, 2, 2.5, 3, 4, 5, 10].map((factor) => factor * power).find((one) => one >= rough - 1e-9) ?? rough;
  return [0, 1, 2, 3, 4].map((count) => Number((count * step).toPrecision(6)));
}

interface RowLook {
  mark: string;
  colour: string;
}

/** A bar for each sum, with its mark to the left and its figure to the right. */
function rowsOf(
  sums: Sum[],
  left: number,
  top: number,
  room: number,
  lookOf: (sum: Sum, index: number, y: number) => RowLook,
): string[] {
  const most = Math.max(...sums.map(({ credits }) => credits));
  return sums.flatMap((sum, index) => {
    const y = top + index * rowHeight;
    const { mark, colour } = lookOf(sum, index, y);
    const length = Math.max(2, (sum.credits / most) * (room - markRoom - figureRoom));
    const start = left + markRoom;
    return [mark, box(start, y, length, barHeight, colour), words(figure(sum.credits), start + length + 6, y, 'start')];
  });
}

const box = (x: number, y: number, width: number, height: number, colour: string) =>
  `<rect x="${tenth(x)}" y="${tenth(y)}" width="${tenth(width)}" height="${tenth(height)}" fill="${colour}"/>`;

/** Text as high as a bar that begins at `y`. */
const words = (text: string, x: number, y: number, anchor: 'start' | 'middle' | 'end', size = 12) =>
  `<text x="${tenth(x)}" y="${tenth(y + barHeight - 3)}" text-anchor="${anchor}" font-size="${size}" fill="${ink}">${text}</text>`;

const tenth = (pixels: number) => Math.round(pixels * 10) / 10;

const format = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const figure = (credits: number) => format.format(credits);
