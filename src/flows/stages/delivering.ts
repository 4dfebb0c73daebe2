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
      // A try that says nothing is made again, however soon it should have been over.
      return stay({ ...flow, nextCheckAt: Math.min(flow.giveUpAt, now + times.maxDeliverRetry) }, [{ do: 'deliver' }]);
    case 'posted':
      return delivered(flow, event, now);
    case 'postFailed': {
      if (!event.again) return park(flow, { code: 'nowhere' }, now);
      const tried: Flow = { ...flow, attempts: flow.attempts + 1, nextCheckAt: retryAt(flow, now) };
      // Hosts are often late by a second or two: nobody needs to know of it.
      return tried.attempts > times.deliverQuietly ? show({ ...tried, notice: 'slow' }) : stay(tried);
    }
    case 'sentAhead': {
      const { message, first, results } = event;
      return stay({ ...flow, sentAhead: [...flow.sentAhead, { message, first, results }] });
    }
    default:
      return stay(flow);
  }
};

/** The result is where it belongs. The post itself is the finished card, so nothing is drawn after it. */
export function delivered(flow: Flow, event: Extract<Event, { type: 'posted' }>, now: number): Step {
  const { card, results, replies, charged } = event;
  const changes = { card, results, replies, charged, sentAhead: [], reason: null, notice: null };
  // A message that took the card's place has named the requester already.
  const isNamed = card.message !== flow.card.message;
  return end(isNamed ? { ...flow, mentioned: true } : flow, 'delivered', now, changes, []);
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
  return stay({ ...next, nextCheckAt: now + times.maxDeliverRetry }, [{ do: 'deliver' }]);
}

function retryAt(flow: Flow, now: number): number {
  return Math.min(flow.giveUpAt, now + (times.deliverPauses[flow.attempts] ?? times.maxDeliverRetry));
}
