import PQueue from 'p-queue';

/** Starts per sliding window; `interval` in milliseconds. */
export interface Rate {
  cap: number;
  interval: number;
}

export interface Budget {
  /** Reads that a person waits for. */
  asking: Rate;
  /** Reads that follow jobs and uploads. */
  watching: Rate;
}

/**
 * Kubeez allows 120 reads a minute for an account (kubeez.com/docs/limitations). The watchers' share is dealt out in
 * small windows, so that they never run into a long pause: at most 13 windows of 6 touch any minute, which with the
 * 40 of the askers makes 118.
 */
export const readBudget: Budget = {
  asking: { cap: 40, interval: 60_000 },
  watching: { cap: 6, interval: 5_000 },
};

export type ReadKind = keyof Budget;

/** Holds reads back until the budget has room. */
export class ReadQueue {
  readonly #queues: Record<ReadKind, PQueue>;

  constructor(budget: Budget) {
    this.#queues = { asking: queueFor(budget.asking), watching: queueFor(budget.watching) };
  }

  run<Result>(kind: ReadKind, read: () => Promise<Result>): Promise<Result> {
    return this.#queues[kind].add(read);
  }

  /** Drops what has not begun. */
  stop(): void {
    for (const queue of Object.values(this.#queues)) {
      queue.pause();
      queue.clear();
    }
  }
}

const queueFor = ({ cap, interval }: Rate) => new PQueue({ intervalCap: cap, interval, strict: true });
