import { type Changes, change } from '../change.ts';
import type { Event, Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { withNews } from '../runs.ts';
import { times } from '../times.ts';
import { end, park, type StageStep, show, stay, wakeAt, withNotice, withTimeAgain } from './stage.ts';

/** The files exist: brings them to the card, as often as it takes. */
export const delivering: StageStep = (flow, event, now) => {
  const { giveUpAt, attempts } = flow.wait;
  switch (event.type) {
    case 'resumed':
    case 'woke': {
      const timed = withTimeAgain(flow, now);
      const until = timed.wait.giveUpAt;
      if (now >= until) return park(flow, { code: 'nowhere' }, now);
      // A try that says nothing is made again, however soon it should have been over.
      return stay(wakeAt(timed, Math.min(until, now + times.maxDeliverRetry)), [{ do: 'deliver' }]);
    }
    case 'posted':
      return delivered(flow, event, now);
    case 'postFailed': {
      if (!event.again) return park(flow, { code: 'nowhere' }, now);
      const nextCheckAt = Math.min(giveUpAt, now + (times.deliverPauses[attempts] ?? times.maxDeliverRetry));
      const tried = change(flow, { wait: { attempts: attempts + 1, nextCheckAt } });
      // Hosts are often late by a second or two: nobody needs to know of it.
      return tried.wait.attempts > times.deliverQuietly ? show(withNotice(tried, 'slow')) : stay(tried);
    }
    case 'sentAhead': {
      const { message, first, results } = event;
      return stay(change(flow, { shown: { sentAhead: [...flow.shown.sentAhead, { message, first, results }] } }));
    }
    default:
      return stay(flow);
  }
};

/** The result is posted. The message with it is the finished card, so nothing is drawn after it. */
export function delivered(flow: Flow, event: Extract<Event, { type: 'posted' }>, now: number): Step {
  const { card, results, replies, charged, charges = {} } = event;
  const shown = { results, replies, sentAhead: [], reason: null, notice: null };
  const changes: Changes = { card, money: { charged }, shown };
  const runs = withNews(flow.runs, (job) => ({ ...job, charged: charges[job.id] ?? job.charged }));
  const known = { ...flow, runs };
  // A message that took the card's place has named the requester already.
  const isNamed = card.message !== flow.card.message;
  return end(isNamed ? change(known, { shown: { mentioned: true } }) : known, 'delivered', now, changes, []);
}

/** Starts bringing the result. */
export function toDelivering(flow: Flow, now: number): Step {
  const next = change(flow, {
    stage: 'delivering',
    endedAt: null,
    shown: { reason: null },
    wait: { attempts: 0, giveUpAt: now + times.runningGivesUp, nextCheckAt: now + times.maxDeliverRetry },
  });
  // The progress draw is left out: the final edit comes first.
  return stay(next, [{ do: 'deliver' }]);
}
