import { createHash } from 'node:crypto';

export interface RateLimit {
  /** Requests a window. */
  limit: number;
  /** Milliseconds. */
  window: number;
}

export interface Rates {
  /** New messages of a channel; edits of a channel have a bucket of their own. */
  channel: RateLimit;
  /** Everything that goes through one interaction's token. */
  webhook: RateLimit;
  /** Edits of messages older than an hour, a channel (error 30046). */
  oldEdits: RateLimit;
  /** All requests of the bot, but for interactions. */
  global: RateLimit;
  /** New sessions at the gateway. */
  identify: RateLimit;
}

/** What has been observed of Discord (unpublished but for the global figure). */
export const realRates: Rates = {
  channel: { limit: 5, window: 5000 },
  webhook: { limit: 5, window: 2000 },
  oldEdits: { limit: 3, window: 6000 },
  global: { limit: 50, window: 1000 },
  identify: { limit: 1, window: 5000 },
};

/** For tests that are about something else. */
export const easyRates: Rates = {
  channel: { limit: 1000, window: 1000 },
  webhook: { limit: 1000, window: 1000 },
  oldEdits: { limit: 1000, window: 1000 },
  global: { limit: 10_000, window: 1000 },
  identify: { limit: 1000, window: 1000 },
};

export interface Verdict {
  ok: boolean;
  headers: Record<string, string>;
  retryAfter: number;
}

/** Counts requests in buckets and says it as Discord does: in headers (docs: topics/rate-limits). */
export class Buckets {
  readonly #buckets = new Map<string, { used: number; resetAt: number }>();

  /** Takes one from a bucket. Windows run in real time, because the bot's HTTP client waits in real time. */
  take(key: string, { limit, window }: RateLimit): Verdict {
    const now = Date.now();
    const known = this.#buckets.get(key);
    const bucket = known && known.resetAt > now ? known : { used: 0, resetAt: now + window };
    this.#buckets.set(key, bucket);
    bucket.used++;
    const retryAfter = (bucket.resetAt - now) / 1000;
    return {
      ok: bucket.used <= limit,
      retryAfter,
      headers: {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - bucket.used)),
        'x-ratelimit-reset': (bucket.resetAt / 1000).toFixed(3),
        'x-ratelimit-reset-after': retryAfter.toFixed(3),
        // The hash names the kind of request, so all channels share it.
        'x-ratelimit-bucket': createHash('md5')
          .update(key.split(':')[0] ?? '')
          .digest('hex'),
      },
    };
  }
}
