import PQueue from 'p-queue';
import { type Flow, jobsAtOnce } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { Pool } from '../flows/recipes/recipe.ts';
import { times } from '../flows/times.ts';
import { platformMinute, portion } from '../kubeez/budget.ts';

/** What the platform lets an account do (kubeez.com/docs/limitations). */
export interface Limit {
  /** Jobs that run at once. */
  atOnce: number;
  /** Starts in any minute. */
  perMinute: number;
}

export const published: Record<Pool, Limit> = {
  media: { atOnce: 10, perMinute: 30 },
  music: { atOnce: 5, perMinute: 10 },
  speech: { atOnce: 5, perMinute: 10 },
  ads: { atOnce: 10, perMinute: 5 },
};

const minute = 60_000;

interface Waiting {
  id: string;
  person: string;
  jobs: number;
  since: number;
  /** When its price was read. */
  quoteAt: number;
}

/** The jobs of one account in one pool, and who waits to start more. */
class Line {
  readonly held = new Map<string, { person: string; jobs: number }>();
  readonly waiting = new Map<string, Waiting>();
  readonly starts: PQueue;
  /** What the platform was seen to allow, and when. */
  learned: { most: number; at: number } | undefined;

  readonly #atOnce: number;

  constructor({ atOnce, perMinute }: Limit, share: number) {
    this.#atOnce = Math.max(1, Math.floor(atOnce * share));
    const { cap, interval } = portion({ cap: perMinute, interval: platformMinute }, share);
    this.starts = new PQueue({ intervalCap: cap, interval, strict: true });
  }

  get used(): number {
    return [...this.held.values()].reduce((sum, { jobs }) => sum + jobs, 0);
  }

  /** Jobs it may have at once: what was learned, one more for every minute since, up to what is published. */
  most(now: number): number {
    const { most, at } = this.learned ?? { most: this.#atOnce, at: now };
    return Math.min(this.#atOnce, most + Math.floor((now - at) / minute));
  }

  /** Who comes next: round robin between people, for each the first confirmed first; begun flows before all others. */
  inOrder(): Waiting[] {
    const counts = new Map<string, number>();
    for (const { person, jobs } of this.held.values()) counts.set(person, (counts.get(person) ?? 0) + jobs);
    // Two of the same moment keep their order, or they would change places for ever.
    const left = [...this.waiting.values()].sort((a, b) => a.since - b.since || a.id.localeCompare(b.id));
    const order: Waiting[] = left.filter(({ since }) => since === 0);
    const others = left.filter(({ since }) => since > 0);
    while (others.length > 0) {
      const fewest = Math.min(...others.map(({ person }) => counts.get(person) ?? 0));
      const index = others.findIndex(({ person }) => (counts.get(person) ?? 0) === fewest);
      for (const next of others.splice(index, 1)) {
        order.push(next);
        counts.set(next.person, fewest + next.jobs);
      }
    }
    return order;
  }
}

interface SlotsParts {
  now(): number;
  /** What part of an account's limits this process may use: less than 1 where others start jobs on it as well. */
  shareOf(account: string): number;
  /** Called with the id of a flow that may start. */
  offer(id: string): void;
  /** Called with the id and place of a flow that has to wait. */
  place(id: string, place: number): void;
}

/**
 * Who may start. Nothing is remembered that a flow's record does not say: a flow that is submitting or running holds
 * its jobs' slots, a queued one waits for some. Limits are those published, lower for a while after the platform
 * refused, and fair between people.
 */
export class Slots {
  readonly #parts: SlotsParts;
  /** Kept when nobody is in them: each knows how many starts its last minute had. */
  readonly #lines = new Map<string, Line>();
  /** The line each flow stands in. */
  readonly #lineOf = new Map<string, string>();
  /**
   * Flows that may go on as soon as the minute allows it, until they have: what else happens to them in between must
   * not use up another start.
   */
  readonly #offered = new Set<string>();
  /** Flows whose refusal was learned from. */
  readonly #refused = new Set<string>();
  /** The place each waiting flow was last told. */
  readonly #told = new Map<string, number>();
  #isOpen = false;

  constructor(parts: SlotsParts) {
    this.#parts = parts;
  }

  /** Begins to hand out slots: only after every open flow was taken up, or running jobs would not be counted. */
  open(): void {
    this.#isOpen = true;
    for (const key of this.#lines.keys()) this.#handOut(key);
  }

  /** Takes note of a flow as it was saved. */
  update(flow: Flow): void {
    const { id, stage, requester: person } = flow;
    const isAtWork = ['queued', 'submitting', 'running'].includes(stage);
    const before = this.#lineOf.get(id);
    if (!isAtWork && before === undefined) return;
    const key = before ?? `${flow.account}:${recipes[flow.recipe].pool}`;
    const line = this.#line(key, flow);
    if (stage !== 'queued') this.#offered.delete(id);
    line.held.delete(id);
    line.waiting.delete(id);
    if (isAtWork) this.#lineOf.set(id, key);
    else this.#lineOf.delete(id);
    const next = jobsAtOnce(flow);
    const running = flow.jobs.filter((job) => job.status === 'running').length;
    const isStarting = stage === 'submitting' || this.#offered.has(id);
    if (isAtWork && running + Number(isStarting) > 0)
      line.held.set(id, { person, jobs: running + (isStarting ? next : 0) });
    // Refused as too busy: the platform allows less than it says; more is tried again bit by bit.
    const isRefused = stage === 'queued' && flow.notice === 'busy';
    if (isRefused && !this.#refused.has(id)) line.learned = { most: Math.max(1, line.used), at: this.#parts.now() };
    if (isRefused) this.#refused.add(id);
    else this.#refused.delete(id);
    // Refused a moment ago: it waits for its next wake-up first.
    if (stage === 'queued' && flow.notice === null && !this.#offered.has(id)) {
      const since = flow.jobs.length > 0 ? 0 : (flow.confirmed?.at ?? 1);
      line.waiting.set(id, { id, person, jobs: next, since, quoteAt: flow.quote?.at ?? 0 });
    } else this.#told.delete(id);
    this.#handOut(key);
  }

  /** Takes out a flow whose record is gone. */
  forget(id: string): void {
    const key = this.#lineOf.get(id);
    const line = key === undefined ? undefined : this.#lines.get(key);
    line?.held.delete(id);
    line?.waiting.delete(id);
    this.#lineOf.delete(id);
    this.#offered.delete(id);
    this.#refused.delete(id);
    this.#told.delete(id);
    if (key !== undefined) this.#handOut(key);
  }

  #line(key: string, { recipe, account }: Flow): Line {
    const line = this.#lines.get(key) ?? new Line(published[recipes[recipe].pool], this.#parts.shareOf(account));
    this.#lines.set(key, line);
    return line;
  }

  #handOut(key: string): void {
    const line = this.#lines.get(key);
    if (!this.#isOpen || !line) return;
    let place = 0;
    for (const { id, person, jobs, quoteAt } of line.inOrder()) {
      if (place === 0 && line.used + jobs <= Math.max(jobs, line.most(this.#parts.now()))) {
        line.waiting.delete(id);
        line.held.set(id, { person, jobs: (line.held.get(id)?.jobs ?? 0) + jobs });
        this.#offered.add(id);
        // Its price is read again first, which is no start yet: that must not use up the minute.
        if (this.#parts.now() - quoteAt > times.priceFresh) {
          this.#parts.offer(id);
          continue;
        }
        void line.starts.add(async () => {
          if (this.#offered.has(id)) this.#parts.offer(id);
        });
        continue;
      }
      place++;
      // Told only when it changed: being told is an event, and every event comes by here again.
      if (this.#told.get(id) !== place) this.#parts.place(id, place);
      this.#told.set(id, place);
    }
  }
}
