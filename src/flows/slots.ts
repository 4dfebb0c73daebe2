import type { Flow } from './flow.ts';

/** Jobs the platform lets an account run at once (kubeez.com/docs/limitations, media). */
export const concurrentJobs = 10;

/**
 * Who may start. Nothing is remembered that a flow's record does not say: a flow that is submitting or running holds
 * a slot, a queued one waits for one, first confirmed first served.
 */
export class Slots {
  readonly #most: number;
  readonly #offer: (id: string) => void;
  readonly #place: (id: string, place: number) => void;
  readonly #held = new Set<string>();
  readonly #waiting = new Map<string, number>();
  /** The place each waiting flow was last told. */
  readonly #told = new Map<string, number>();
  #isOpen = false;

  /**
   * @param offer called with the id of a flow that may start
   * @param place called with the id and place of a flow that has to wait
   */
  constructor(most: number, offer: (id: string) => void, place: (id: string, place: number) => void) {
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
    this.#held.delete(flow.id);
    this.#waiting.delete(flow.id);
    if (flow.stage === 'submitting' || flow.stage === 'running') this.#held.add(flow.id);
    // Refused as too busy a moment ago: it waits for its next wake-up first.
    if (flow.stage === 'queued' && flow.notice !== 'busy') this.#waiting.set(flow.id, flow.confirmed?.at ?? 0);
    else this.#told.delete(flow.id);
    this.#handOut();
  }

  #handOut(): void {
    if (!this.#isOpen) return;
    const line = [...this.#waiting].sort((a, b) => a[1] - b[1]).map(([id]) => id);
    for (const id of line.splice(0, Math.max(0, this.#most - this.#held.size))) {
      this.#waiting.delete(id);
      this.#held.add(id);
      this.#offer(id);
    }
    for (const [index, id] of line.entries()) {
      // Told only when it changed: being told is an event, and every event comes by here again.
      if (this.#told.get(id) !== index + 1) this.#place(id, index + 1);
      this.#told.set(id, index + 1);
    }
  }
}
