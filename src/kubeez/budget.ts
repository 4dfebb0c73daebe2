import { AsyncResource } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { KubeezError } from './errors.ts';

/** Starts per sliding window; `interval` in milliseconds. */
export interface Rate {
  cap: number;
  interval: number;
}

export interface Budget {
  /** Everything together. */
  all: Rate;
  /** Reads that a person waits for. */
  asking: Rate;
  /** Reads that follow jobs and uploads. */
  watching: Rate;
}

/**
 * The platform's minute in milliseconds, and a little more: requests sent a minute apart may arrive closer together, and
 * a whole burst may fall at the edge of the window.
 */
export const platformMinute = 62_000;

/**
 * Kubeez allows 120 reads a minute for an account (kubeez.com/docs/limitations); a little is left for what is read
 * besides. What people wait for may use most of it, but never all, so that running jobs are always followed. The
 * share for running jobs is given in small windows, so that it never leads to a long pause.
 */
export const readBudget: Budget = {
  all: { cap: 118, interval: platformMinute },
  asking: { cap: 80, interval: platformMinute },
  watching: { cap: 6, interval: 5_000 },
};

/** What a process may use of a rate that it has a share in (above 0, at most 1) with others. */
export function portion({ cap, interval }: Rate, share: number): Rate {
  const own = cap * share;
  return own >= 1 ? { cap: Math.floor(own), interval } : { cap: 1, interval: interval / own };
}

/** The same of a whole budget. */
export const portionOf = ({ all, asking, watching }: Budget, share: number): Budget => ({
  all: portion(all, share),
  asking: portion(asking, share),
  watching: portion(watching, share),
});

export type ReadKind = 'asking' | 'watching';

const priorities: Record<ReadKind, number> = { asking: 1, watching: 0 };

/** Holds reads back until the budget has room; reads that a person waits for go first. */
export class ReadQueue {
  readonly #all: PQueue;
  readonly #queues: Record<ReadKind, PQueue>;
  readonly #stopped = new AbortController();
  readonly #rate: Rate;
  /** When the latest reads were begun, at most as many as a window may have. Milliseconds since 1970. */
  readonly #begun: number[] = [];

  constructor(budget: Budget) {
    // Each read that waits listens to it.
    setMaxListeners(0, this.#stopped.signal);
    this.#rate = budget.all;
    this.#all = queueFor(budget.all);
    this.#queues = { asking: queueFor(budget.asking), watching: queueFor(budget.watching) };
  }

  /** Throws KubeezError (`outage`) once it was stopped. */
  run<Result>(kind: ReadKind, read: () => Promise<Result>): Promise<Result> {
    const { signal } = this.#stopped;
    // A queue would do it in the name of whoever was before.
    const own = AsyncResource.bind(() => {
      this.#begun.push(Date.now());
      if (this.#begun.length > this.#rate.cap) this.#begun.shift();
      return read();
    });
    const queued = () => this.#all.add(own, { priority: priorities[kind], signal });
    return this.#queues[kind].add(queued, { signal });
  }

  /** How many reads may be begun right now. */
  get left(): number {
    const { cap, interval } = this.#rate;
    const since = Date.now() - interval;
    return cap - this.#begun.filter((at) => at > since).length;
  }

  /** Refuses what has not ended, and whatever comes after: whoever waits for it asks again, perhaps another account. */
  stop(): void {
    this.#stopped.abort(new KubeezError('outage', '', new Error('The account is no longer asked')));
  }
}

const queueFor = ({ cap, interval }: Rate) => new PQueue({ intervalCap: cap, interval, strict: true });
