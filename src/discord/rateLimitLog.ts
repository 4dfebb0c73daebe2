import type { RateLimitData } from 'discord.js';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';

/** Rate limits that are no further apart than this belong to one burst. Milliseconds. */
const burst = 10_000;

/**
 * Writes one line when Discord begins to limit the bot, and another when a longer burst is over: never one for each
 * request.
 */
export function rateLimitLog(clock: Clock, log: Logger): (limit: RateLimitData) => void {
  let more = 0;
  let cancel: (() => void) | undefined;
  const over = () => {
    cancel = undefined;
    if (more > 0) log.warn({ more }, 'was rate limited by Discord');
    more = 0;
  };
  return ({ route, timeToReset, global }) => {
    if (cancel) more++;
    else log.warn({ route, timeToReset, global }, 'rate limited by Discord');
    cancel?.();
    cancel = clock.wakeAt(clock.now() + burst, over);
  };
}
