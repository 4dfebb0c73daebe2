import type { limitPeriods } from '../flows/room.ts';

/** A time from its start up to, but not including, its end. Milliseconds since 1970. */
export interface Period {
  start: number;
  end: number;
}

/** A date in a calendar; `month` from 0, and any field may run over, as in `Date.UTC`. */
interface CalendarDay {
  year: number;
  month: number;
  day: number;
}

const hour = 3_600_000;
/** No place is further from UTC than this. */
const furthest = 15 * hour;

/** Whether this is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** A time zone by its name in any capitals, as it is usually written; undefined where it has none of the IANA's. */
export function timeZoneNamed(typed: string): string | undefined {
  // An offset such as +01:00 would know no summer time.
  if (!/^[A-Za-z]/.test(typed) || !isTimeZone(typed)) return undefined;
  return Intl.DateTimeFormat('en', { timeZone: typed }).resolvedOptions().timeZone;
}

/**
 * The day, week (from Monday) or month that a moment lies in, by the calendar of a time zone. The periods of a zone follow
 * each other without a gap. Pure.
 */
export function periodOf(per: (typeof limitPeriods)[number], at: number, timeZone: string): Period {
  // Each limit asks for the same few again and again, and to find one takes a millisecond.
  const name = `${per} ${timeZone}`;
  const latest = found.get(name);
  if (latest && latest.start <= at && at < latest.end) return latest;
  const period = findPeriod(per, at, timeZone);
  found.set(name, period);
  return period;
}

/** The latest period that was asked for, by its length and zone. */
const found = new Map<string, Period>();

function findPeriod(per: (typeof limitPeriods)[number], at: number, timeZone: string): Period {
  const dateOf = calendarOf(timeZone);
  const { year, month, day } = dayOf(dateOf(at));
  const monday = day - ((new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7);
  switch (per) {
    case 'day':
      return between({ year, month, day }, { year, month, day: day + 1 }, dateOf);
    case 'week':
      return between({ year, month, day: monday }, { year, month, day: monday + 7 }, dateOf);
    case 'month':
      return between({ year, month, day: 1 }, { year, month: month + 1, day: 1 }, dateOf);
  }
}

/** The days of a period, by the calendar of a time zone. */
export function daysOf({ start, end }: Period, timeZone: string): Period[] {
  const days: Period[] = [];
  for (let at = start; at < end; at = days.at(-1)?.end ?? end) days.push(periodOf('day', at, timeZone));
  return days;
}

type DateOf = (at: number) => number;

const between = (first: CalendarDay, next: CalendarDay, dateOf: DateOf): Period => ({
  start: startOf(first, dateOf),
  end: startOf(next, dateOf),
});

/**
 * The first moment of a day. It is searched for, because that is not always midnight: where clocks are put forward at
 * midnight, the day begins at one.
 */
function startOf({ year, month, day }: CalendarDay, dateOf: DateOf): number {
  const date = Date.UTC(year, month, day);
  let [before, from] = [date - furthest, date + furthest];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (dateOf(middle) >= date) from = middle;
    else before = middle;
  }
  return from;
}

/** Tells the date that a time zone has at a moment, as midnight of the same date in UTC. */
function calendarOf(timeZone: string): DateOf {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  return (at) => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.get('year') ?? 0, (part.get('month') ?? 1) - 1, part.get('day') ?? 1);
  };
}

function dayOf(date: number): CalendarDay {
  const utc = new Date(date);
  return { year: utc.getUTCFullYear(), month: utc.getUTCMonth(), day: utc.getUTCDate() };
}
