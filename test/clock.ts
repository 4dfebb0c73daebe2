import type { Clock } from '../src/clock.ts';

interface Timer {
  at: number;
  wake(): void;
  stop(): void;
}

/** A clock that goes at its usual pace until a test moves it on; whatever became due by then wakes up. */
export class MovableClock implements Clock {
  #offset = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#offset;
  }

  wakeAt(at: number, wake: () => void): () => void {
    const timer: Timer = { at, wake, stop: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      timer.stop();
      this.#timers.delete(timer);
    };
  }

  /** Moves the time on by `milliseconds`. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
    for (const timer of this.#timers) {
      timer.stop();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    const left = Math.min(2_000_000_000, Math.max(0, timer.at - this.now()));
    const handle = setTimeout(() => {
      this.#timers.delete(timer);
      timer.wake();
    }, left);
    handle.unref();
    timer.stop = () => clearTimeout(handle);
  }
}
