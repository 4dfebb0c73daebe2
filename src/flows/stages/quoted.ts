import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { confirmLabel, footerOf } from '../sentences.ts';
import { canTakeOff } from '../style.ts';
import { toQuoting } from './quoting.ts';
import { end, type StageStep, show, stay, wakeAt, withNotice } from './stage.ts';

/** The price is on the card. Confirm reads the price again; when the quote has expired, it only shows the new price. */
export const quoted: StageStep = (flow, event, now) => {
  const { quote } = flow.money;
  switch (event.type) {
    case 'resumed':
      return show(flow);
    case 'woke':
      return now >= flow.wait.giveUpAt ? end(flow, 'expired', now) : stay(wakeAt(flow, flow.wait.giveUpAt));
    case 'pressed':
      if (event.action === 'cancel') return end(flow, 'cancelled', now);
      if (event.action === 'unstyle') return withoutStyle(flow, now);
      if (event.action !== 'confirm' || !quote) return show(flow);
      // The request was changed while the press was on its way: what was pressed is another one, whatever it cost.
      if (flow.asked.changes > 0 && event.footer !== footerOf(flow))
        return show(withNotice(flow, flow.shown.notice === 'payer' ? 'payer' : 'changed'));
      // The price moved while the press was on its way: what was pressed is another price.
      if (event.label !== confirmLabel(quote.credits)) return show(withNotice(flow, 'moved'));
      if (now >= quote.until) return toQuoting(flow, now, { shown: { notice: 'stale' } });
      return toQuoting(flow, now, {
        // The requester's roles may have come or gone since it was asked for; whoever presses for them spends as them.
        spender: event.by.id === flow.requester ? { ...flow.spender, roles: event.by.roles } : flow.spender,
        money: { confirmed: { by: event.by.id, credits: quote.credits, at: now } },
        shown: { notice: null },
      });
    default:
      return stay(flow);
  }
};

/** The same without what the channel's style adds, at a price of its own. */
function withoutStyle(flow: Flow, now: number): Step {
  const { style, changes } = flow.asked;
  if (!style || !canTakeOff(flow.asked)) return show(flow);
  return toQuoting(flow, now, {
    asked: { style: { ...style, isOff: true }, changes: changes + 1 },
    shown: { notice: null },
  });
}
