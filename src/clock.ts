/**
 * Time as a part that is handed over: the bot never asks the machine for the time itself, so tests can move it.
 */
export interface Clock {
  /** The time now, in milliseconds since 1970. */
  now(): number;
  /** Calls `wake` once at or soon after `at` (milliseconds since 1970); the returned function takes it back. */
  wakeAt(at: number, wake: () => void): () => void;
}

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
