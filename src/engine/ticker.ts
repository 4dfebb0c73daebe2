import type { Clock } from '../clock.ts';
import type { Flow } from '../flows/flow.ts';
import { redrawAfter } from '../flows/times.ts';
import { Alarms } from './alarms.ts';

/** Milliseconds between two edits that nobody waits for, over all cards: most of Discord's 50 a second is for people. */
const pause = 100;

/** What happened when a card was drawn that nobody waits for. */
export type Tick = 'drawn' | 'noRoom' | 'nothing';

interface TickerParts {
  clock: Clock;
  /** Whether Discord is behind with requests that somebody waits for. */
  isBusy(): boolean;
  /** Draws a card, if it has something to show and its channel has room. */
  tick(id: string): Tick;
  /** Shows a running job as it is some time later. */
  redraw(flow: Flow): void;
}

/**
 * Draws cards that nobody waits for, one after the other, when the limits leave room. The card of a running job is drawn
 * again at intervals; that changes no record, because only the time has changed.
 */
export class Ticker {
  readonly #parts: TickerParts;
  /** The card that waited longest comes first. */
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Flow>();
  readonly #alarms: Alarms;
  #endPause: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (id) => {
      const flow = this.#running.get(id);
      this.#running.delete(id);
      if (flow) parts.redraw(flow);
    });
  }

  /** Draws a card when there is room. */
  add(id: string): void {
    this.#waiting.add(id);
    this.#next();
  }

  /** Nothing of this card is to be drawn any more that nobody waits for. */
  remove(id: string): void {
    this.#waiting.delete(id);
  }

  /** Lets the card of a running job move on after a while, the later the longer it runs. */
  keepMoving(flow: Flow): void {
    const now = this.#parts.clock.now();
    const after = flow.stage === 'running' ? redrawAfter(now - (flow.wait.running?.since ?? 0)) : undefined;
    if (after === undefined || this.#isStopped) return;
    this.#running.set(flow.id, flow);
    this.#alarms.set(flow.id, now + Math.max(after, this.#waiting.size * pause));
  }

  /** Lets a card stand as it is. */
  stopMoving(id: string): void {
    this.#running.delete(id);
    this.#alarms.clear(id);
  }

  /** Lets every card stand as it is. */
  stop(): void {
    this.#isStopped = true;
    this.#endPause?.();
    this.#alarms.clearAll();
    this.#running.clear();
  }

  /** Draws one card, then the next one a little later. */
  #next(): void {
    if (this.#endPause || this.#isStopped || this.#waiting.size === 0) return;
    const { clock, isBusy, tick } = this.#parts;
    for (const id of isBusy() ? [] : this.#waiting) {
      const outcome = tick(id);
      if (outcome !== 'noRoom') this.#waiting.delete(id);
      if (outcome === 'drawn') break;
    }
    this.#endPause = clock.wakeAt(clock.now() + pause, () => {
      this.#endPause = undefined;
      this.#next();
    });
  }
}
