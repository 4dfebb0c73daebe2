import { expect, test } from 'vitest';
import { chartSvg, ground, ink, kindSquare, personMark, scaleFor } from '../../src/commands/budget/chart.ts';
import { type MonthSums, monthSums, type Sum } from '../../src/commands/budget/monthSums.ts';
import type { Entry } from '../../src/guilds/entries.ts';
import { daysOf, periodOf } from '../../src/guilds/period.ts';

const berlin = 'Europe/Berlin';
const days = (at: string) => daysOf(periodOf('month', Date.parse(at), berlin), berlin);

const entry = (at: string, changes: Partial<Entry> = {}): Entry => ({
  v: 1,
  flow: 'k3f9abcd',
  run: 0,
  person: 'ada',
  channel: '3000',
  recipe: 'image',
  model: 'some-model',
  account: 'default',
  job: null,
  credits: 7,
  at: Date.parse(at),
  state: 'settled',
  ...changes,
});

test('a month has its days by the calendar of the server, also when clocks change', () => {
  const march = days('2026-03-15T12:00:00Z');
  expect(march.length).toBe(31);
  expect(march[0]).toEqual({ start: Date.parse('2026-02-28T23:00:00Z'), end: Date.parse('2026-03-01T23:00:00Z') });
  expect(march[28]).toEqual({ start: Date.parse('2026-03-28T23:00:00Z'), end: Date.parse('2026-03-29T22:00:00Z') });
  expect(march[30]?.end).toBe(Date.parse('2026-03-31T22:00:00Z'));
});

test('credits are added up by day, by person and by kind; what was released is not', () => {
  const sums = monthSums(
    [
      entry('2026-11-01T23:30:00Z'),
      entry('2026-11-02T09:00:00Z', { recipe: 'video', credits: 10, person: 'ben', state: 'unclear' }),
      entry('2026-11-02T10:00:00Z', { credits: 0.5 }),
      entry('2026-11-03T10:00:00Z', { state: 'released', person: 'eve', recipe: 'music' }),
    ],
    days('2026-11-15T12:00:00Z'),
  );
  expect(sums.kinds).toEqual([
    { name: 'video', credits: 10, count: 1 },
    { name: 'image', credits: 7.5, count: 1 },
  ]);
  expect(sums.people.map(({ name, credits }) => [name, credits])).toEqual([
    ['ben', 10],
    ['ada', 7.5],
  ]);
  // Half past eleven in the evening by UTC is the next day in Berlin.
  expect(sums.days.slice(0, 3)).toEqual([
    [0, 0],
    [10, 7.5],
    [0, 0],
  ]);
});

test('whoever spends least is added up in one sum, and nothing is left out', () => {
  const entries = Array.from({ length: 12 }, (_, index) =>
    entry('2026-11-05T12:00:00Z', { person: `person ${index}`, recipe: `kind ${index}`, credits: index + 1 }),
  );
  const { people, kinds, days: perDay } = monthSums(entries, days('2026-11-15T12:00:00Z'));
  expect(people.map(({ credits }) => credits)).toEqual([12, 11, 10, 9, 8, 7, 6, 15]);
  expect(people.at(-1)).toEqual({ name: null, credits: 15, count: 5 });
  expect(perDay[4]).toEqual(kinds.map(({ credits }) => credits));
});

test.each([
  [0.01, 0.04],
  [7, 8],
  [14, 16],
  [117, 120],
  [1000, 1000],
  [1001, 1200],
])('a scale for %d ends at %d', (most, end) => {
  expect(scaleFor(most).at(-1)).toBe(end);
});

const someSums = (count: number): MonthSums => {
  const sums = Array.from({ length: count }, (_, index): Sum => ({ name: `名前 <b> ${index}`, credits: 10, count: 1 }));
  const all = [...sums, { name: null, credits: 1_234_567, count: 3 }];
  return { days: Array.from({ length: 31 }, () => all.map(() => 3)), people: all, kinds: all };
};

test('the picture has figures and marks only: no name, whatever letters it has', () => {
  const texts = [...chartSvg(someSums(7)).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts.length).toBeGreaterThan(31);
  for (const text of texts) expect(text).toMatch(/^(\+|[\d.,]+[KMB]?)$/);
});

test('every bar lies within the picture', () => {
  const svg = chartSvg(someSums(7));
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  for (const [, x, y, w, h] of svg.matchAll(
    /<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)"/g,
  )) {
    expect(Number(x)).toBeGreaterThanOrEqual(0);
    expect(Number(y)).toBeGreaterThanOrEqual(0);
    expect(Number(x) + Number(w)).toBeLessThanOrEqual(Number(width));
    expect(Number(y) + Number(h)).toBeLessThanOrEqual(Number(height));
  }
});

/** By WCAG 2: text needs 4.5, bars 3. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const share = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('figures and bars stand out from the ground, which the picture brings with it', () => {
  expect(contrast(ink, ground)).toBeGreaterThan(4.5);
  expect(chartSvg(someSums(7))).toContain(`rx="10" fill="${ground}"`);
  const colours = someSums(7).kinds.map((sum, index) => kindSquare(sum, index).colour);
  expect(new Set(colours).size).toBe(8);
  for (const colour of colours) expect(contrast(colour, ground)).toBeGreaterThan(3);
});

test('what is not named has a mark of its own', () => {
  const { people, kinds } = someSums(2);
  expect(people.map(personMark)).toEqual(['1', '2', '+']);
  expect(kinds.map((sum, index) => kindSquare(sum, index).emoji)).toEqual(['🟦', '🟧', '⬜']);
});
