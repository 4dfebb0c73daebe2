import { change } from '../change.ts';
import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { creditsOf, hasBegun, nextCall, withState } from '../runs.ts';
import { times } from '../times.ts';
import { toQuoting, whyFull } from './quoting.ts';
import { withJobsOf, withoutRest } from './running.ts';
import { end, fail, type StageStep, show, stay, unconfirmed } from './stage.ts';
import { watch } from './submitting.ts';

/** Confirmed, waiting for a slot of the account. Leaving costs nothing. */
export const queued: StageStep = (flow, event, now, pollMs) => {
  // Of several starts some have begun.
  const isPartial = hasBegun(flow);
  switch (event.type) {
    case 'resumed':
      return show(flow);
    case 'woke': {
      if (isPartial && flow.shown.notice === null) return withoutRest(flow, now, pollMs);
      if (!isPartial && now >= flow.wait.giveUpAt) return fail(flow, { code: 'gaveUp' }, now);
      const nextCheckAt = now + (isPartial ? times.restWaits : times.queueCheck);
      return stay(change(flow, { shown: { notice: null }, wait: { nextCheckAt } }));
    }
    case 'positioned': {
      const { position } = event;
      return position === flow.wait.position ? stay(flow) : show(change(flow, { wait: { position } }));
    }
    case 'slotFree':
      return slotFree(flow, event.at ?? now, now, pollMs);
    case 'limitFull':
      return isPartial ? withoutRest(flow, now, pollMs) : fail(flow, whyFull(event.room, creditsOf(flow.runs)), now);
    case 'ruledOut':
      return isPartial ? withoutRest(flow, now, pollMs) : fail(unconfirmed(flow), event.reason, now);
    case 'payerRuledOut':
      return isPartial
        ? withoutRest(flow, now, pollMs)
        : toQuoting(flow, now, { money: { confirmed: flow.money.confirmed } });
    case 'submitted':
      // The answer to a call that counted as lost.
      return show(withJobsOf(flow, event));
    case 'pressed':
      if (event.action === 'cancel' && isPartial) return withoutRest(flow, now, pollMs);
      if (event.action === 'cancel') return end(unconfirmed(flow), 'cancelled', now);
      return show(flow);
    default:
      return stay(flow);
  }
};

/** @param at when the start was given out, in milliseconds since 1970 */
function slotFree(flow: Flow, at: number, now: number, pollMs: number): Step {
  const isPartial = hasBegun(flow);
  const { confirmed, quote } = flow.money;
  if (!confirmed || !quote) return stay(flow);
  // Each call is made once for the price that was confirmed, whatever became of its answer.
  const call = nextCall(flow);
  if (call === undefined) return withoutRest(flow, now, pollMs);
  const isFresh = now - quote.at <= (isPartial ? times.restFresh : times.priceFresh);
  if (isPartial && !isFresh) return withoutRest(flow, now, pollMs);
  // The price was agreed on a while ago: read it again first, and ask again should it have moved.
  if (!isFresh) return toQuoting(flow, now, { money: { confirmed } });
  const begun = change(flow, {
    stage: 'submitting',
    runs: withState(flow.runs, { call }, 'begun'),
    // A late answer to an earlier start may have begun it before anything was held.
    money: { heldAt: isPartial ? (flow.money.heldAt ?? at) : at },
    shown: { notice: null },
    wait: {
      submittedAt: now,
      answer: 'awaited',
      claim: null,
      lookUps: 0,
      position: null,
      nextCheckAt: now + watch(flow),
    },
  });
  return show(begun, [{ do: 'submit', call }]);
}
