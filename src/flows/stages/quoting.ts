import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import type { Reason } from '../reasons.ts';
import { times } from '../times.ts';
import { end, fail, passingNotice, type StageStep, show, stay, tryAgainAfter } from './stage.ts';

/** Asks for the price, first to show it and again after Confirm; only an unchanged price lets a flow go on. */
export const quoting: StageStep = (flow, event, now) => {
  switch (event.type) {
    case 'started':
      return stay(flow, [{ do: 'price', fresh: false }]);
    case 'resumed':
      return show(flow, [{ do: 'price', fresh: flow.confirmed !== null }]);
    case 'woke':
      if (now >= flow.giveUpAt) return fail(flow, { code: whyNoPrice(flow) }, now);
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
      return refused(flow, event.reason, now);
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now, { confirmed: null });
      return stay(flow);
    default:
      return stay(flow);
  }
};

/** What passes by itself is waited for; after a Confirm the price is shown again instead of spent much later. */
function refused(flow: Flow, reason: Reason, now: number): Step {
  const notice = passingNotice(reason);
  if (!notice) return fail({ ...flow, confirmed: null }, reason, now);
  if (flow.confirmed && flow.quote) return toQuoted({ ...flow, notice: 'notStarted' }, now);
  return show({ ...flow, notice, nextCheckAt: now + tryAgainAfter[notice] });
}

function whyNoPrice({ notice }: Flow): Reason['code'] {
  if (notice === 'signedOut') return 'unauthorized';
  return notice === 'busy' ? 'busy' : 'outage';
}

/** Goes (back) to working out the price; nothing is confirmed until somebody presses Confirm on the new one. */
export function toQuoting(flow: Flow, now: number, changes: Partial<Flow> = {}): Step {
  const asked: Flow = {
    ...flow,
    confirmed: null,
    ...changes,
    stage: 'quoting',
    round: flow.round + 1,
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
