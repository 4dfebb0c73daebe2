import type { Event, Step } from '../events.ts';
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
      return delivered(flow, event, now);
    case 'postFailed': {
      if (!event.again) return park(flow, { code: 'nowhere' }, now);
      const tried = { ...flow, attempts: flow.attempts + 1, notice: 'slow' as const };
      return show({ ...tried, nextCheckAt: retryAt(tried, now) });
    }
    default:
      return stay(flow);
  }
};

/** The result is where it belongs. The post itself is the finished card, so nothing is drawn after it. */
export function delivered(flow: Flow, event: Extract<Event, { type: 'posted' }>, now: number): Step {
  const { card, results, replies, charged } = event;
  return end(flow, 'delivered', now, { card, results, replies, charged, reason: null, notice: null }, []);
}

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
