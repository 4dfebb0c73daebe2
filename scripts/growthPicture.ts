import type { Growth, Results } from '../bench/results.ts';
import { exponentText } from '../bench/tables.ts';

/** The colours of the picture: of words, of lines behind it, and one for each cost. */
interface Colours {
  ground: string;
  ink: string;
  faint: string;
  lines: readonly string[];
}

const dark: Colours = {
  ground: '#1e1f22',
  ink: '#dbdee1',
  faint: '#4e5058',
  lines: ['#949cf7', '#f4900c', '#78b159', '#55acee', '#fdcb58', '#ea596e', '#aa8ed6'],
};
const light: Colours = {
  ground: '#ffffff',
  ink: '#313338',
  faint: '#d4d7dc',
  lines: ['#4752c4', '#b35900', '#3b7a1e', '#1b6fae', '#8a6500', '#b8253d', '#6b46a8'],
};

const width = 720;
const margin = 24;
const plotHeight = 300;
const left = 64;
const rowHeight = 20;
const bottom = margin + plotHeight;
/** The counts and the factors by which a cost grows go up to here, in powers of ten. */
const decades = 5;

/**
 * How costs grow, as a picture: to the right what they grow with, upwards how many times the first cost, both by powers of
 * ten. What is linear without a constant goes along the broken line. Pure.
 */
export function growthPicture({ growth }: Pick<Results, 'growth'>, look: 'dark' | 'light'): string {
  const colours = look === 'dark' ? dark : light;
  const height = bottom + 52 + growth.length * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="what">`,
    '<title id="what">How costs grow</title>',
    `<rect width="${width}" height="${height}" rx="10" fill="${colours.ground}"/>`,
    `<g font-family="sans-serif" font-size="12" fill="${colours.ink}">`,
    ...scales(colours),
    ...growth.map((one, index) => curve(one, colourOf(colours, index))),
    ...growth.map((one, index) => legend(one, index, colourOf(colours, index))),
    '</g></svg>\n',
  ].join('\n');
}

const colourOf = ({ lines, ink }: Colours, index: number) => lines[index % lines.length] ?? ink;

function scales({ faint }: Colours): string[] {
  const steps = Array.from({ length: decades + 1 }, (_, power) => power);
  return [
    ...steps.map((power) => `<path d="M${left} ${y(10 ** power)}H${width - margin}" stroke="${faint}"/>`),
    ...steps.map((power) => words(`${(10 ** power).toLocaleString('en')} ×`, left - 8, y(10 ** power) + 4, 'end')),
    ...steps.map((power) => words((10 ** power).toLocaleString('en'), x(10 ** power), bottom + 18, 'middle')),
    `<path d="M${x(1)} ${y(1)}L${x(10 ** decades)} ${y(10 ** decades)}" stroke="${faint}" stroke-width="2" stroke-dasharray="6 5"/>`,
  ];
}

function curve({ points }: Growth, colour: string): string {
  const first = points[0]?.cost ?? 1;
  const places = points.map(({ count, cost }) => [x(count), y(Math.max(1, cost / first))] as const);
  const line = places.map(([across, up], index) => `${index === 0 ? 'M' : 'L'}${across} ${up}`).join('');
  const dots = places.map(([across, up]) => `<circle cx="${across}" cy="${up}" r="3.5" fill="${colour}"/>`);
  return [`<path d="${line}" fill="none" stroke="${colour}" stroke-width="2"/>`, ...dots].join('');
}

function legend(growth: Growth, index: number, colour: string): string {
  const top = bottom + 40 + index * rowHeight;
  const said = `${growth.what}, by ${growth.by}: exponent ${exponentText(growth)}`;
  return `<rect x="${left}" y="${top}" width="12" height="12" fill="${colour}"/>${words(said, left + 20, top + 10, 'start')}`;
}

const tenth = (pixels: number) => Math.round(pixels * 10) / 10;
const x = (count: number) => tenth(left + (Math.log10(count) / decades) * (width - margin - left));
const y = (factor: number) => tenth(bottom - (Math.log10(factor) / decades) * plotHeight);

const words = (text: string, across: number, down: number, anchor: 'start' | 'middle' | 'end') =>
  `<text x="${across}" y="${down}" text-anchor="${anchor}">${text}</text>`;
