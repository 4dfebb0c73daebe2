import type { Flow } from './flow.ts';
import { jobsOf, nextCall, runsIn, runsOfCall } from './runs.ts';

/** What a plan needs to know of one flow: a projection of its record. */
export interface Standing {
  id: string;
  /** Whose turn it would be. */
  person: string;
  /** Jobs that run, are being started, or may start because of an offer. */
  held: number;
  /** What it waits for; null where it waits for nothing. */
  waiting: Waiting | null;
  /** When it was offered a start that its record does not tell of yet. Milliseconds since 1970. */
  offeredAt: number | null;
  /** When its paid calls were begun, as far as that still counts. Milliseconds since 1970. */
  starts: number[];
}

interface Waiting {
  /** Jobs that its next paid call begins. */
  jobs: number;
  /** When it was confirmed, in milliseconds since 1970; 0 where some of its calls have been made already. */
  since: number;
  /** The position in line that its card shows or is about to show, counted from 1. */
  position: number | null;
}

type Candidate = Standing & { waiting: Waiting };

/** When there is room for one more: milliseconds since 1970, or Infinity where another flow has to end first. */
export type Limit = (next: Candidate, line: Standing[], now: number) => number;

/** A limit of an account. A new kind of limit is one more function in the list. */
export interface Limits {
  /** Whoever finds no room here waits in line, and is told the position. */
  room: Limit[];
  /** Whose turn it is waits for these as well, but keeps its room meanwhile. */
  pace: Limit[];
}

/** The plan for a line. */
export interface Plan {
  /** Who may start now, in this order. */
  offers: string[];
  /** The positions of those who have to wait, counted from 1. */
  positions: Map<string, number>;
  /** When time alone makes a difference: the moment for the next plan if nothing changes before. Infinity: never. */
  nextAt: number;
}

/**
 * Who may start now, and who has which position in line. Pure: worked out from the records alone.
 *
 * @param now milliseconds since 1970
 */
export function plan(standings: readonly Standing[], limits: Limits, now: number): Plan {
  const line = new Map(standings.map((standing) => [standing.id, standing]));
  const offers: string[] = [];
  const positions = new Map<string, number>();
  let nextAt = Number.POSITIVE_INFINITY;
  for (const next of inOrder(standings)) {
    const latest = (some: Limit[]) => Math.max(now, ...some.map((limit) => limit(next, [...line.values()], now)));
    // Nobody passes somebody who waits.
    const roomAt = positions.size > 0 ? Number.POSITIVE_INFINITY : latest(limits.room);
    if (roomAt > now) {
      positions.set(next.id, positions.size + 1);
      nextAt = Math.min(nextAt, roomAt);
      continue;
    }
    const startAt = latest(limits.pace);
    line.set(next.id, withOffer(next, startAt));
    if (startAt <= now) offers.push(next.id);
    else nextAt = Math.min(nextAt, startAt);
  }
  return { offers, positions, nextAt };
}

/**
 * The line in order: round robin between people, for each the first confirmed first; begun flows before all others. Two
 * of the same moment keep their order, or they would change positions for ever.
 */
function inOrder(standings: readonly Standing[]): Candidate[] {
  const held = new Map<string, number>();
  const heldBy = (person: string) => held.get(person) ?? 0;
  for (const { person, held: jobs } of standings) held.set(person, heldBy(person) + jobs);
  const left = standings
    .filter((standing): standing is Candidate => standing.waiting !== null)
    .sort((a, b) => a.waiting.since - b.waiting.since || a.id.localeCompare(b.id));
  const order = left.filter(({ waiting }) => waiting.since === 0);
  left.splice(0, order.length);
  while (left.length > 0) {
    const fewest = left.reduce((least, { person }) => Math.min(least, heldBy(person)), Number.POSITIVE_INFINITY);
    const index = left.findIndex(({ person }) => heldBy(person) === fewest);
    for (const next of left.splice(index, 1)) {
      order.push(next);
      held.set(next.person, fewest + next.waiting.jobs);
    }
  }
  return order;
}

/** The standing once it was offered a start. `at` in milliseconds since 1970. */
export function withOffer(standing: Standing, at: number): Standing {
  const jobs = standing.waiting?.jobs ?? 0;
  return { ...standing, held: standing.held + jobs, waiting: null, offeredAt: at };
}

/** Jobs that a line has under way. */
export const jobsHeld = (line: Iterable<Standing>) => [...line].reduce((sum, { held }) => sum + held, 0);

/** What the platform was seen to allow, and when (milliseconds since 1970). */
export interface Seen {
  jobs: number;
  at: number;
}

/** Milliseconds after which one job more is tried than the platform was seen to allow. */
const growsEvery = 60_000;

/**
 * Jobs at once. A flow that starts more than that by itself may do so once nothing else runs.
 *
 * @param seen where the platform allowed less: one more is tried every minute
 */
export function jobLimit(most: number, seen?: Seen): Limit {
  return ({ waiting }, line, now) => {
    const wanted = jobsHeld(line) + waiting.jobs;
    const allowed = seen ? Math.min(most, seen.jobs + Math.floor((now - seen.at) / growsEvery)) : most;
    if (wanted <= Math.max(waiting.jobs, allowed)) return now;
    return seen && wanted <= most ? seen.at + (wanted - seen.jobs) * growsEvery : Number.POSITIVE_INFINITY;
  };
}

/** Starts in a sliding window of `interval` milliseconds: `cap` at the most. */
export function startLimit({ cap, interval }: { cap: number; interval: number }): Limit {
  return (_next, line, now) => {
    const starts = line.flatMap(({ starts, offeredAt }) => (offeredAt === null ? starts : [...starts, offeredAt]));
    const blocking = starts.sort((a, b) => b - a)[cap - 1];
    return blocking === undefined ? now : Math.max(now, blocking + interval);
  };
}

/**
 * The standing of a flow by its record; undefined where it is no longer in a line.
 *
 * @param known its standing before: it has offers and starts that the record does not have (any more)
 * @param startsSince starts before this moment (milliseconds since 1970) no longer count
 */
export function standingOf(flow: Flow, known: Standing | undefined, startsSince: number): Standing | undefined {
  const { id, stage, requester: person, wait } = flow;
  const isQueued = stage === 'queued';
  const all = new Set([...(known?.starts ?? []), ...(wait.submittedAt === null ? [] : [wait.submittedAt])]);
  const starts = [...all].filter((at) => at > startsSince);
  if (!isQueued && stage !== 'submitting' && stage !== 'running')
    return starts.length > 0 ? { id, person, held: 0, waiting: null, offeredAt: null, starts } : undefined;
  const offeredAt = isQueued ? (known?.offeredAt ?? null) : null;
  const jobs = jobsOf(flow);
  const running = jobs.filter((job) => job.status === 'running').length;
  const next = runsOfCall(flow, nextCall(flow)).length;
  const starting = runsIn(flow, 'begun').length + (offeredAt === null ? 0 : next);
  // Refused a moment ago: it waits for its next wake-up first.
  const isWaiting = isQueued && offeredAt === null && flow.shown.notice === null;
  const since = jobs.length > 0 ? 0 : (flow.money.confirmed?.at ?? 1);
  const waiting = { jobs: next, since, position: known?.waiting?.position ?? wait.position };
  return { id, person, held: running + starting, waiting: isWaiting ? waiting : null, offeredAt, starts };
}
