import type { Clock } from '../clock.ts';

/** Least milliseconds between two checks of all alarms: with thousands of flows the checks would otherwise never stop. */
const pause = 10;

/** Alarms that go off in one check. Thousands at the same moment would each hold a record and a write until all are written. */
const atOnce = 20;

/** One wake-up for each key, all of them with a single timer for the earliest. */
export class Alarms {
  readonly #clock: Clock;
  readonly #wake: (key: string) => void;
  readonly #times = new Map<string, number>();
  /** Those that went off, as long as they were not set anew or taken back. */
  readonly #gone = new Map<string, number>();
  #timer: { at: number; cancel(): void } | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param wake called with the key of an alarm at its time or soon after, once */
  constructor(clock: Clock, wake: (key: string) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Sets the alarm of a key (`at` in milliseconds since 1970) in place of the one it may have had. */
  set(key: string, at: number): void {
    this.#times.set(key, at);
    this.#gone.delete(key);
    this.#arm(at);
  }

  /** When the alarm of a key goes off, or went off last, in milliseconds since 1970; undefined where it has none. */
  timeOf(key: string): number | undefined {
    return this.#times.get(key) ?? this.#gone.get(key);
  }

  /** Takes back the alarm of a key. The timer stays: if nothing is due by then, it only looks when the next one is. */
  clear(key: string): void {
    this.#times.delete(key);
    this.#gone.delete(key);
  }

  /** Takes back all alarms. */
  clearAll(): void {
    this.#times.clear();
    this.#gone.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(earliest: number): void {
    const at = Math.max(earliest, this.#lookedAt + pause);
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.cancel();
    this.#timer = { at, cancel: this.#clock.wakeAt(at, () => this.#look()) };
  }

  #look(): void {
    const now = this.#clock.now();
    this.#timer = undefined;
    this.#lookedAt = now;
    const due: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [key, at] of this.#times) {
      if (at <= now && due.length < atOnce) {
        due.push(key);
        this.#gone.set(key, at);
      } else next = Math.min(next, at);
    }
    for (const key of due) this.#times.delete(key);
    if (next < Number.POSITIVE_INFINITY) this.#arm(next);
    for (const key of due) this.#wake(key);
  }
}
