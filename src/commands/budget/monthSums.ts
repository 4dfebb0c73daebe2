import { cents } from '../../flows/runs.ts';
import { countedIn, type Entry } from '../../guilds/entries.ts';
import { shownName } from '../../guilds/forgotten.ts';
import type { Period } from '../../guilds/period.ts';

/** What a month of the ledger adds up to, by day, by person and by kind. Pure. */

/** The credits of one person, kind or model; of all that are not named one by one, `name` is null. */
export interface Sum {
  name: string | null;
  credits: number;
  /** How many are added up in it. */
  count: number;
}

export interface MonthSums {
  /** Credits of each day, the first of the month first: of each of `kinds`, in the same order. */
  days: number[][];
  /** The most first, and in the end the rest, if there is one. */
  people: Sum[];
  kinds: Sum[];
}

/** People and kinds that have a mark of their own in the picture; the others are one more. */
const maxNamed = 7;

/**
 * What entries add up to. What was released is left out.
 *
 * @param days the days of the month; what was held at another time is in no day
 */
export function monthSums(entries: readonly Entry[], days: readonly Period[]): MonthSums {
  const kinds = sumsBy(entries, ({ recipe }) => recipe, maxNamed);
  const rowOf = new Map(kinds.map(({ name }, index) => [name, index]));
  const perDay = days.map(() => kinds.map(() => 0));
  for (const entry of entries) {
    const day = perDay[days.findIndex(({ start, end }) => entry.at >= start && entry.at < end)];
    const kind = rowOf.get(entry.recipe) ?? rowOf.get(null);
    if (day && kind !== undefined) day[kind] = cents((day[kind] ?? 0) + countedIn([entry]));
  }
  return { days: perDay, people: sumsBy(entries, shownName, maxNamed), kinds };
}

/** Who or what took how many credits, the most first; those after the first `max` are added up in one more. */
export function sumsBy(entries: readonly Entry[], nameOf: (entry: Entry) => string, max: number): Sum[] {
  const sums = new Map<string, number>();
  for (const entry of entries) {
    const name = nameOf(entry);
    sums.set(name, cents((sums.get(name) ?? 0) + countedIn([entry])));
  }
  const sorted = [...sums]
    .map(([name, credits]) => ({ name, credits, count: 1 }))
    .filter(({ credits }) => credits > 0)
    .sort((a, b) => b.credits - a.credits);
  const rest = sorted.slice(max);
  const restCredits = cents(rest.reduce((sum, { credits }) => sum + credits, 0));
  return [
    ...sorted.slice(0, max),
    ...(rest.length > 0 ? [{ name: null, credits: restCredits, count: rest.length }] : []),
  ];
}
