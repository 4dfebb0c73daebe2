/**
 * Time as a part that is handed over: the bot never asks the machine for the time itself, so tests can move it.
 */
export interface Clock {
  /** The time now, in milliseconds since 1970. */
  now(): number;
  /** Calls `wake` once at or soon after `at` (milliseconds since 1970); the returned function takes it back. */
  wakeAt(at: number, wake: () => void): () => void;
}

/**
 * A clock that never goes back, for intervals and windows: where the machine's clock is set back, this one goes on from
 * where it was, a tenth slower, until the machine's has caught up.
 *
 * @param wall the machine's clock, in milliseconds since 1970
 * @param elapsed milliseconds since any moment, on a clock that nobody sets
 * @param onSetBack told by how many milliseconds the machine's clock was set back
 */
export function steady(wall: () => number, elapsed: () => number, onSetBack: (by: number) => void): () => number {
  let time = wall();
  let at = elapsed();
  let isAhead = false;
  return () => {
    const now = elapsed();
    const soonest = time + (now - at) * catchingUp;
    const real = wall();
    at = now;
    time = Math.max(real, soonest);
    const wasAhead = isAhead;
    isAhead = time - real > worthTelling;
    const result = Math.floor(time);
    // Last of all: whoever is told may ask for the time.
    if (isAhead && !wasAhead) onSetBack(time - real);
    return result;
  };
}

const catchingUp = 0.9;
/** Milliseconds; clocks are corrected by less all the time. */
const worthTelling = 1_000;

/** Resolves after so many milliseconds. */
export const pause = (clock: Clock, milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    clock.wakeAt(clock.now() + milliseconds, resolve);
  });

/** Timers of Node overflow above this and fire at once; a longer wait is cut into pieces. */
const longestTimer = 2_000_000_000;

/** The clock of production: the machine's own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wakeAt(at, wake) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = at - Date.now();
      timer = left > longestTimer ? setTimeout(arm, longestTimer) : setTimeout(wake, Math.max(0, left));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
