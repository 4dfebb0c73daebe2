import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { times } from '../times.ts';
import { end, park, type StageStep, show, stay } from './stage.ts';

/** The files exist: brings them to the card, as often as it takes. */
export const delivering: StageStep = (flow, event, now) => {
  switch (event.type) {
    case 'resumed':
    case 'woke':
      if (now >= flow.giveUpAt) return park(flow, { code: 'nowhere' }, now);
      return stay({ ...flow, nextCheckAt: retryAt(flow, now) }, [{ do: 'deliver' }]);
    case 'posted':
      // The post itself is the finished card, so nothing is drawn after it.
      return end(
        flow,
        'delivered',
        now,
        { card: event.card, results: event.results, replies: event.replies, charged: event.charged, notice: null },
        [],
      );
    case 'postFailed': {
      if (!event.again) return park(flow, { code: 'nowhere' }, now);
      const tried = { ...flow, attempts: flow.attempts + 1, notice: 'slow' as const };
      return show({ ...tried, nextCheckAt: retryAt(tried, now) });
    }
    default:
      return stay(flow);
  }
};

/** Starts bringing the result. */
export function toDelivering(flow: Flow, now: number): Step {
  const next: Flow = {
    ...flow,
    stage: 'delivering',
    attempts: 0,
    reason: null,
    endedAt: null,
    giveUpAt: now + times.runningGivesUp,
  };
  // The progress draw is left out: the final edit comes first.
  return stay({ ...next, nextCheckAt: now + times.deliverRetryMost }, [{ do: 'deliver' }]);
}

const retryAt = (flow: Flow, now: number) =>
  Math.min(flow.giveUpAt, now + Math.min(times.deliverRetryMost, times.deliverRetry * 2 ** flow.attempts));
