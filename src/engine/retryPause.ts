const first = 5_000;
const longest = 5 * 60_000;

/**
 * Milliseconds until what Discord did not take is tried again.
 *
 * @param before how many attempts had failed before this one: each doubles the pause
 */
export const retryPause = (before: number): number => Math.min(longest, first * 2 ** before);
