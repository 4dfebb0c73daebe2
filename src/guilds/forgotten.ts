import { createHash } from 'node:crypto';
import type { Entry } from './entries.ts';

/** What the ledger has in the place of people who had themselves forgotten. Pure. */

/** The name of them all. */
export const forgotten = 'forgotten';

/** Milliseconds, longer than any period of a limit: what was held before counts against none. */
export const keptFor = 40 * 24 * 3_600_000;

/**
 * Stands in an entry that still counts against a limit. It tells nobody who it is, but whoever asks for a price is
 * recognised by it: to be forgotten is no way round a limit.
 */
const markOf = (person: string) =>
  `${forgotten}-${createHash('sha256').update(`ledger ${person}`).digest('hex').slice(0, 24)}`;

/** The names under which entries of a person may stand. */
export const namesOf = (person: string): readonly string[] => [person, markOf(person)];

/** What takes the place of the name of an entry. */
export function nameAfter({ person, at }: Entry, now: number): string {
  if (person.startsWith(forgotten)) return person;
  return at > now - keptFor ? markOf(person) : forgotten;
}

/** The person of an entry as lists and tables name them. */
export const shownName = ({ person }: Pick<Entry, 'person'>): string =>
  person.startsWith(forgotten) ? forgotten : person;
