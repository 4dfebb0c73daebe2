import type { Clock } from '../src/clock.ts';

/** A clock that stands still until it is moved, and knows its timers. */
export class ManualClock implements Clock {
  time = 1_000_000;
  readonly timers = new Set<{ at: number; wake(): void }>();

  now(): number {
    return this.time;
  }

  wakeAt(at: number, wake: () => void): () => void {
    const timer = { at, wake };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  moveTo(time: number): void {
    this.time = time;
    for (const timer of [...this.timers].filter(({ at }) => at <= time)) {
      this.timers.delete(timer);
      timer.wake();
    }
  }
}
