import { withModel } from '../approval.ts';
import { change } from '../change.ts';
import type { Answer, AnswerEvent, Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { takeLabel } from '../sentences.ts';
import { times } from '../times.ts';
import { toQuoting } from './quoting.ts';
import { end, fail, type StageStep, show, stay, unconfirmed, wakeAt } from './stage.ts';

/** Confirmed, and waiting for somebody else to approve it. Nothing is held or spent, and leaving costs nothing. */
export const held: StageStep = (flow, event, now) => {
  const { offer } = flow.approval;
  switch (event.type) {
    case 'resumed':
      return show(flow, [{ do: 'ask' }]);
    case 'woke':
      if (now >= flow.wait.giveUpAt) return end(flow, 'expired', now);
      // Discord does not tell when the message that asks is deleted.
      return stay(wakeAt(flow, Math.min(flow.wait.giveUpAt, now + times.approvalCheck)), [{ do: 'ask' }]);
    case 'answered':
      return now >= flow.wait.giveUpAt ? end(flow, 'expired', now) : answered(flow, event.answer, event.by, now);
    case 'pressed':
      if (event.action === 'cancel') return end(unconfirmed(flow), 'cancelled', now);
      if (!offer || offer.isRefused) return show(flow);
      if (event.action === 'wait') return show(change(flow, { approval: { offer: { ...offer, isRefused: true } } }));
      // Another offer may have come while the press was on its way.
      if (event.action !== 'take' || event.label !== takeLabel(offer.credits)) return show(flow);
      return offerTaken(flow, offer, now);
    default:
      return stay(flow);
  }
};

function answered(flow: Flow, answer: Answer, { id: by }: AnswerEvent['by'], now: number): Step {
  const { confirmed, quote } = flow.money;
  if (!confirmed || !quote) return stay(flow);
  switch (answer.is) {
    case 'approve': {
      const approved = { by, at: now, credits: quote.credits, isOffer: false };
      return toQuoting(flow, now, { money: { confirmed }, approval: { approved, offer: null } });
    }
    case 'decline': {
      const declined = { by, at: now, reason: answer.reason };
      return fail(change(flow, { approval: { declined, offer: null } }), { code: 'declined' }, now);
    }
    case 'offer': {
      const { model, credits } = answer;
      const offer = { by, at: now, model, credits, isRefused: false };
      return show(change(flow, { approval: { offer } }), [{ do: 'mention', about: 'offer' }]);
    }
  }
}

/** What an approver has offered is approved up to the price that they offered; the requester confirms it as any price. */
function offerTaken(flow: Flow, { by, model, credits }: NonNullable<Flow['approval']['offer']>, now: number): Step {
  const approved = { by, at: now, credits, isOffer: true };
  const { asked, runs } = withModel(flow, model);
  return toQuoting(flow, now, {
    asked,
    runs,
    money: { quote: null, before: null },
    approval: { approved, offer: null },
    shown: { notice: null },
  });
}
