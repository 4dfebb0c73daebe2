import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import type { Reason } from '../reasons.ts';
import { times } from '../times.ts';
import { end, fail, type StageStep, show, stay, waiting, whyGivenUp } from './stage.ts';

/** Asks for the price, first to show it and again after Confirm; only an unchanged price lets a flow go on. */
export const quoting: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'started':
      return stay(flow, [{ do: 'price', fresh: false }]);
    case 'resumed':
      return show(flow, [{ do: 'price', fresh: flow.confirmed !== null }]);
    case 'woke':
      if (now >= flow.giveUpAt) return fail(flow, whyGivenUp(flow), now);
      return stay({ ...flow, nextCheckAt: now + times.priceRetry }, [{ do: 'price', fresh: flow.confirmed !== null }]);
    case 'priced': {
      if (event.round !== flow.round) return stay(flow);
      const { credits, basis, balance } = event;
      if (balance < credits) {
        const topUp = event.topUp === undefined ? {} : { topUp: event.topUp };
        return fail({ ...flow, confirmed: null }, { code: 'insufficient', balance, price: credits, ...topUp }, now);
      }
      const quote = { credits, basis, balance, at: now, until: now + times.quoteHolds };
      if (flow.confirmed?.credits === credits) return toQueued({ ...flow, quote, notice: null }, now);
      // What kept the price away is over.
      const notice = flow.confirmed ? 'moved' : flow.notice === 'stale' ? 'stale' : null;
      return toQuoted({ ...flow, quote, notice }, now);
    }
    case 'priceRefused':
      if (event.round !== flow.round) return stay(flow);
      return refused(flow, event.reason, now, pollMs);
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now, { confirmed: null });
      return stay(flow);
    default:
      return stay(flow);
  }
};

/**
 * What passes by itself is waited for. Who has just pressed Confirm is shown the price again, instead of it being spent
 * much later; who has waited in line goes on waiting.
 */
function refused(flow: Flow, reason: Reason, now: number, pollMs: number): Step {
  const waits = waiting(flow, reason, now, pollMs);
  if (!waits) return fail({ ...flow, confirmed: null }, reason, now);
  const hasJustPressed = flow.confirmed && now - flow.confirmed.at < times.priceFresh;
  return hasJustPressed ? toQuoted({ ...flow, notice: 'notStarted' }, now) : show(waits);
}

/** Goes (back) to working out the price; nothing is confirmed until somebody presses Confirm on the new one. */
export function toQuoting(flow: Flow, now: number, changes: Partial<Flow> = {}): Step {
  const asked: Flow = {
    ...flow,
    confirmed: null,
    ...changes,
    stage: 'quoting',
    round: flow.round + 1,
    failedReads: 0,
    nextCheckAt: now + times.priceRetry,
    giveUpAt: now + times.priceGivesUp,
  };
  return show(asked, [{ do: 'price', fresh: asked.confirmed !== null }]);
}

function toQuoted(flow: Flow, now: number): Step {
  const giveUpAt = now + times.quotedCloses;
  return show({ ...flow, stage: 'quoted', confirmed: null, nextCheckAt: giveUpAt, giveUpAt });
}

/** Confirmed at a price read after the press: waits for a slot. The runner offers one at once when one is free. */
function toQueued(flow: Flow, now: number): Step {
  return stay({
    ...flow,
    stage: 'queued',
    place: null,
    nextCheckAt: now + times.queueCheck,
    giveUpAt: now + times.queueGivesUp,
  });
}
