import { toQuoting } from './quoting.ts';
import { end, type StageStep, show, stay } from './stage.ts';

/** The price is on the card. Confirm reads it once more; past its time it is only shown anew. */
export const quoted: StageStep = (flow, event, now) => {
  switch (event.type) {
    case 'resumed':
      return show(flow);
    case 'woke':
      return now >= flow.giveUpAt ? end(flow, 'expired', now) : stay({ ...flow, nextCheckAt: flow.giveUpAt });
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now);
      if (event.action !== 'confirm' || !flow.quote) return show(flow);
      if (now >= flow.quote.until) return toQuoting(flow, now, { notice: 'stale' });
      return toQuoting(flow, now, {
        notice: null,
        confirmed: { by: event.by.id, credits: flow.quote.credits, at: now },
      });
    default:
      return stay(flow);
  }
};
