import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Flow } from '../flows/flow.ts';
import {
  jobLimit,
  jobsHeld,
  type Limits,
  plan,
  type Seen,
  type Standing,
  standingOf,
  startLimit,
  withOffer,
} from '../flows/line.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { Pool } from '../flows/recipes/recipe.ts';
import { platformMinute, portion, type Rate } from '../kubeez/budget.ts';
import { Alarms } from './alarms.ts';
import type { OnSaved } from './runner.ts';

/** What the platform lets an account do (kubeez.com/docs/limitations): jobs at once, and starts in any minute. */
const published: Record<Pool, { atOnce: number; perMinute: number }> = {
  media: { atOnce: 10, perMinute: 30 },
  music: { atOnce: 5, perMinute: 10 },
  speech: { atOnce: 5, perMinute: 10 },
  ads: { atOnce: 10, perMinute: 5 },
};

/** The flows of one account that share limits. */
interface Line {
  atOnce: number;
  starts: Rate;
  /** What the platform was last seen to allow. */
  seen?: Seen;
  standings: Map<string, Standing>;
}

interface LinesParts {
  clock: Clock;
  /** What part of an account's limits this process may use: less than 1 where others start jobs on it as well. */
  shareOf(account: string): number;
  /** Called with the id of a flow that may start. */
  offer(id: string): void;
  /** Called with the id of a flow that has to wait, and its position in line, if that changed. */
  position(id: string, position: number): void;
}

/**
 * Who may start. It keeps how flows stand by their records, and plans anew whenever that changes; see `flows/line.ts`.
 */
export class Lines {
  readonly #parts: LinesParts;
  readonly #lines = new Map<string, Line>();
  readonly #alarms: Alarms;
  #isOpen = false;

  constructor(parts: LinesParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (key) => this.#plan(key));
  }

  /** Begins to offer starts: only after every open flow was taken up, or running jobs would not be counted. */
  open(): void {
    this.#isOpen = true;
    for (const key of this.#lines.keys()) this.#plan(key);
  }

  /** Whether starts are offered. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Offers nothing any more. */
  stop(): void {
    this.#isOpen = false;
    this.#alarms.clearAll();
  }

  /** Takes note of a flow as it was saved. */
  readonly onSaved: OnSaved = (before, after) => {
    const key = `${after.account}:${recipes[after.recipe].pool}`;
    const line = this.#lines.get(key) ?? this.#lineFor(after);
    const now = this.#parts.clock.now();
    const known = line.standings.get(after.id);
    const standing = standingOf(after, known, now - line.starts.interval);
    if (isDeepStrictEqual(known, standing)) return;
    this.#lines.set(key, line);
    if (standing) line.standings.set(after.id, standing);
    else line.standings.delete(after.id);
    if (isRefused(before, after)) line.seen = { jobs: Math.max(1, jobsHeld(line.standings.values())), at: now };
    this.#plan(key);
  };

  /** Paid calls that an account has left right now, by the kind of job. */
  startsLeft(account: string): Record<Pool, number> {
    const left = (pool: Pool) => {
      const line = this.#lines.get(`${account}:${pool}`);
      const { cap, interval } = line?.starts ?? this.#startsOf(account, pool);
      const since = this.#parts.clock.now() - interval;
      const begun = [...(line?.standings.values() ?? [])].flatMap(({ starts }) => starts.filter((at) => at > since));
      return Math.max(0, cap - begun.length);
    };
    return { media: left('media'), music: left('music'), speech: left('speech'), ads: left('ads') };
  }

  #startsOf(account: string, pool: Pool): Rate {
    return portion({ cap: published[pool].perMinute, interval: platformMinute }, this.#parts.shareOf(account));
  }

  /** Takes out a flow whose record is gone. What it started counts as long as it would have. */
  forget(id: string): void {
    for (const [key, { standings }] of this.#lines) {
      const known = standings.get(id);
      if (!known) continue;
      standings.set(id, { ...known, held: 0, waiting: null, offeredAt: null });
      this.#plan(key);
    }
  }

  #lineFor({ account, recipe }: Flow): Line {
    const { pool } = recipes[recipe];
    const { atOnce } = published[pool];
    const share = this.#parts.shareOf(account);
    return {
      atOnce: Math.max(1, Math.floor(atOnce * share)),
      starts: this.#startsOf(account, pool),
      standings: new Map(),
    };
  }

  #plan(key: string): void {
    const line = this.#lines.get(key);
    if (!this.#isOpen || !line) return;
    const { standings } = line;
    const now = this.#parts.clock.now();
    for (const [id, standing] of standings) if (isOver(standing, now - line.starts.interval)) standings.delete(id);
    const { offers, positions, nextAt } = plan([...standings.values()], limitsOf(line), now);
    if (nextAt < Number.POSITIVE_INFINITY) this.#alarms.set(key, nextAt);
    else this.#alarms.clear(key);
    // Noted at once: the next plan may be made before any record tells of it.
    for (const [id, standing] of standings) {
      const position = positions.get(id);
      if (offers.includes(id)) standings.set(id, withOffer(standing, now));
      else if (standing.waiting && position !== undefined) {
        standings.set(id, { ...standing, waiting: { ...standing.waiting, position } });
        if (standing.waiting.position !== position) this.#parts.position(id, position);
      }
    }
    for (const id of offers) this.#parts.offer(id);
  }
}

const limitsOf = ({ atOnce, starts, seen }: Line): Limits => ({
  room: [jobLimit(atOnce, seen)],
  pace: [startLimit(starts)],
});

/** Refused as too busy: the platform allows less than it says. */
const isRefused = (before: Flow, after: Flow) =>
  before.stage === 'submitting' && after.stage === 'queued' && after.shown.notice === 'busy';

const isOver = ({ held, waiting, starts }: Standing, startsSince: number) =>
  held === 0 && waiting === null && starts.every((at) => at <= startsSince);
