import { type Flow, jobsAtOnce } from './flow.ts';
import { recipes } from './recipes/index.ts';
import type { Pool } from './recipes/recipe.ts';

/** Jobs the platform lets an account run at once (kubeez.com/docs/limitations). */
export const concurrentJobs: Record<Pool, number> = { media: 10, music: 5, speech: 5 };

/**
 * Who may start. Nothing is remembered that a flow's record does not say: a flow that is submitting or running holds
 * a slot, a queued one waits for one, first confirmed first served.
 */
export class Slots {
  readonly #most: Record<Pool, number>;
  readonly #offer: (id: string) => void;
  readonly #place: (id: string, place: number) => void;
  /** Jobs that run, or are being started, by flow. */
  readonly #held = new Map<string, Share>();
  readonly #waiting = new Map<string, Share & { since: number }>();
  /** The place each waiting flow was last told. */
  readonly #told = new Map<string, number>();
  #isOpen = false;

  /**
   * @param offer called with the id of a flow that may start
   * @param place called with the id and place of a flow that has to wait
   */
  constructor(most: Record<Pool, number>, offer: (id: string) => void, place: (id: string, place: number) => void) {
    this.#most = most;
    this.#offer = offer;
    this.#place = place;
  }

  /** Begins to hand out slots: only after every open flow was taken up, or running jobs would not be counted. */
  open(): void {
    this.#isOpen = true;
    this.#handOut();
  }

  /** Takes note of a flow as it was saved. */
  update(flow: Flow): void {
    const { pool } = recipes[flow.recipe];
    const running = flow.jobs.filter((job) => job.status === 'running').length;
    const next = jobsAtOnce(flow);
    const jobs = running + (flow.stage === 'submitting' ? next : 0);
    const isAtWork = ['queued', 'submitting', 'running'].includes(flow.stage);
    this.#held.delete(flow.id);
    this.#waiting.delete(flow.id);
    if (isAtWork && jobs > 0) this.#held.set(flow.id, { pool, jobs });
    // Refused as too busy a moment ago: it waits for its next wake-up first.
    if (flow.stage === 'queued' && flow.notice !== 'busy') {
      const since = flow.jobs.length > 0 ? 0 : (flow.confirmed?.at ?? 0);
      this.#waiting.set(flow.id, { pool, jobs: next, since });
    } else this.#told.delete(flow.id);
    this.#handOut();
  }

  #handOut(): void {
    if (!this.#isOpen) return;
    for (const [pool, most] of Object.entries(this.#most)) {
      const line = [...this.#waiting]
        .filter(([, share]) => share.pool === pool)
        .sort((a, b) => a[1].since - b[1].since);
      let place = 0;
      for (const [id, share] of line) {
        if (place === 0 && this.#used(pool) + share.jobs <= most) {
          this.#waiting.delete(id);
          this.#held.set(id, { pool: share.pool, jobs: (this.#held.get(id)?.jobs ?? 0) + share.jobs });
          this.#offer(id);
          continue;
        }
        place++;
        // Told only when it changed: being told is an event, and every event comes by here again.
        if (this.#told.get(id) !== place) this.#place(id, place);
        this.#told.set(id, place);
      }
    }
  }

  #used(pool: string): number {
    return [...this.#held.values()].filter((share) => share.pool === pool).reduce((sum, { jobs }) => sum + jobs, 0);
  }
}

/** Jobs of a pool. */
interface Share {
  pool: Pool;
  jobs: number;
}
