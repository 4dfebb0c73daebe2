import { times } from '../times.ts';
import { withJobs } from './jobs.ts';
import { toQuoting } from './quoting.ts';
import { withoutRest } from './running.ts';
import { end, fail, type StageStep, show, stay } from './stage.ts';
import { watch } from './submitting.ts';

/** Confirmed, waiting for a slot of the account. Leaving costs nothing. */
export const queued: StageStep = (flow, event, now, pollMs) => {
  // Of several starts some have begun.
  const isPartial = flow.begun > 0;
  switch (event.type) {
    case 'resumed':
      return show(flow);
    case 'woke':
      if (isPartial && flow.notice === null) return withoutRest(flow, now, pollMs);
      if (isPartial) return stay({ ...flow, notice: null, nextCheckAt: now + times.restWaits });
      if (now >= flow.giveUpAt) return fail(flow, { code: 'gaveUp' }, now);
      return stay({ ...flow, notice: null, nextCheckAt: now + times.queueCheck });
    case 'placed':
      return event.place === flow.place ? stay(flow) : show({ ...flow, place: event.place });
    case 'slotFree': {
      if (!flow.confirmed || !flow.quote) return stay(flow);
      // One paid call for each that was confirmed, whatever became of their answers.
      if (flow.begun >= flow.starts) return withoutRest(flow, now, pollMs);
      const isFresh = now - flow.quote.at <= (isPartial ? times.restFresh : times.priceFresh);
      if (isPartial && !isFresh) return withoutRest(flow, now, pollMs);
      // The price was agreed on a while ago: read it again first, and ask again should it have moved.
      if (!isFresh) return toQuoting(flow, now, { confirmed: flow.confirmed });
      const nextCheckAt = now + watch(flow);
      return show(
        {
          ...flow,
          stage: 'submitting',
          submittedAt: now,
          begun: flow.begun + 1,
          answer: 'awaited',
          claim: null,
          lookUps: 0,
          place: null,
          notice: null,
          nextCheckAt,
        },
        [{ do: 'submit' }],
      );
    }
    case 'submitted':
      // The answer to a call that counted as lost.
      return show(withJobs(flow, event.jobs));
    case 'pressed':
      if (event.action === 'cancel' && isPartial) return withoutRest(flow, now, pollMs);
      if (event.action === 'cancel') return end(flow, 'cancelled', now, { confirmed: null });
      return show(flow);
    default:
      return stay(flow);
  }
};
