import type { Clock } from '../clock.ts';
import type { Flow } from '../flows/flow.ts';
import { redrawAfter } from '../flows/times.ts';
import { Alarms } from './alarms.ts';

/** Milliseconds between two edits that nobody waits for, over all cards: most of Discord's 50 a second is for people. */
const pause = 100;

/** Cards whose flows are at hand for the next edits. Of all others only the ids are held: their records are read in time. */
const atHand = 500;

/** Milliseconds until a record that could not be read is read again. */
const retryAfter = 15_000;

/** What happened when a card was drawn that nobody waits for. */
export type Tick = 'drawn' | 'noRoom' | 'nothing';

interface TickerParts {
  clock: Clock;
  /** Whether Discord is behind with requests that somebody waits for. */
  isBusy(): boolean;
  /** Draws a card, if it has something to show and its channel has room. */
  tick(id: string): Tick;
  /** Reads a flow and shows it as it is then. */
  redraw(id: string): void;
}

/**
 * Draws cards that nobody waits for, one after the other, when the limits leave room. The card of a running job is drawn
 * again at intervals; that changes no record, because only the time has changed.
 */
export class Ticker {
  readonly #parts: TickerParts;
  /** The card that waited longest comes first. */
  readonly #waiting = new Set<string>();
  /** Those that have something to show but are not at hand, the longest wait first. */
  readonly #later = new Set<string>();
  /** Those whose records are being read, to be drawn as they are then. */
  readonly #due = new Set<string>();
  readonly #alarms: Alarms;
  #endPause: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (id) => this.#moveOn(id));
  }

  /**
   * Draws a card when there is room. Gives false where that will be long: then its flow need not be kept, its record is read
   * in time.
   *
   * @param isKept whether the flow is kept in any case
   */
  add(id: string, isKept: boolean): boolean {
    const isAtHand = isKept || this.#waiting.has(id) || this.#hasRoom;
    if (isAtHand) this.#waiting.add(id);
    else this.#later.add(id);
    this.#next();
    return isAtHand;
  }

  /** Nothing of this card is to be drawn any more that nobody waits for. */
  remove(id: string): void {
    this.#waiting.delete(id);
    this.#later.delete(id);
  }

  /** Lets the card of a running job move on after a while, the later the longer it runs. */
  keepMoving({ id, stage, wait }: Flow): void {
    const now = this.#parts.clock.now();
    const after = stage === 'running' ? redrawAfter(now - (wait.running?.since ?? 0)) : undefined;
    if (after === undefined || this.#isStopped) return;
    this.#alarms.set(id, now + Math.max(after, (this.#waiting.size + this.#later.size) * pause));
  }

  /** Whether a card is still to be drawn as its record was just read: nothing newer was drawn meanwhile. */
  isDue(id: string): boolean {
    return this.#due.has(id);
  }

  /** A record that was due could not be read: it is read once more after a while. */
  tryAgain(id: string): void {
    if (!this.#due.delete(id) || this.#isStopped) return;
    this.#alarms.set(id, this.#parts.clock.now() + retryAfter);
  }

  /** Lets a card stand as it is. */
  stopMoving(id: string): void {
    this.#later.delete(id);
    this.#due.delete(id);
    this.#alarms.clear(id);
  }

  /** Lets every card stand as it is. */
  stop(): void {
    this.#isStopped = true;
    this.#endPause?.();
    this.#alarms.clearAll();
    this.#due.clear();
    this.#later.clear();
  }

  /** Shows a running job as it is some time later. */
  #moveOn(id: string): void {
    if (this.#hasRoom) this.#redraw(id);
    else this.#later.add(id);
  }

  #redraw(id: string): void {
    this.#due.add(id);
    this.#parts.redraw(id);
  }

  get #hasRoom(): boolean {
    return this.#waiting.size + this.#due.size < atHand;
  }

  /** Draws one card, then the next one a little later. */
  #next(): void {
    if (this.#endPause || this.#isStopped || this.#waiting.size + this.#later.size === 0) return;
    const { clock, isBusy, tick } = this.#parts;
    for (const id of isBusy() ? [] : this.#waiting) {
      const outcome = tick(id);
      if (outcome !== 'noRoom') this.#waiting.delete(id);
      if (outcome === 'drawn') break;
    }
    for (const id of this.#later) {
      if (!this.#hasRoom) break;
      this.#later.delete(id);
      this.#redraw(id);
    }
    this.#endPause = clock.wakeAt(clock.now() + pause, () => {
      this.#endPause = undefined;
      this.#next();
    });
  }
}
