import { needsApproval } from '../approval.ts';
import { type Changes, change } from '../change.ts';
import type { Event, Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { isOtherPayer, isOwnAccount, needsItsAccount, withPayer } from '../payer.ts';
import type { Reason } from '../reasons.ts';
import { leftIn, type Room } from '../room.ts';
import { creditsOf } from '../runs.ts';
import { type AppliedPicture, pictureIds } from '../style.ts';
import { times } from '../times.ts';
import {
  end,
  fail,
  type StageStep,
  show,
  stay,
  unconfirmed,
  waiting,
  wakeAt,
  whyGivenUp,
  withNotice,
} from './stage.ts';

/** Asks for the price, first to show it and again after Confirm; only an unchanged price lets a flow go on. */
export const quoting: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'started':
      return stay(flow, [{ do: 'price', fresh: false }]);
    case 'resumed':
      return show(flow, [askPrice(flow)]);
    case 'woke':
      if (now >= flow.wait.giveUpAt) return fail(flow, whyGivenUp(flow), now);
      return stay(wakeAt(flow, now + times.priceRetry), [askPrice(flow)]);
    case 'priced':
      return event.round === flow.money.round ? priced(flow, event, now) : stay(flow);
    case 'priceRefused':
      return event.round === flow.money.round ? refused(flow, event.reason, now, pollMs) : stay(flow);
    case 'pressed':
      if (event.action === 'cancel') return end(unconfirmed(flow), 'cancelled', now);
      return stay(flow);
    default:
      return stay(flow);
  }
};

const askPrice = ({ money }: Flow) => ({ do: 'price' as const, fresh: money.confirmed !== null });

type Priced = Extract<Event, { type: 'priced' }>;

/** The price of a flow is the sum of its runs' prices. */
function priced(before: Flow, event: Priced, now: number): Step {
  const { prices, basis, balance, topUp, payer } = event;
  const isOther = payer !== undefined && isOtherPayer(before, payer);
  if (isOther && needsItsAccount(before)) return fail(unconfirmed(before), { code: 'otherAccount' }, now);
  const read = event.pictures ? withPictures(before, event.pictures) : before;
  const flow = payer ? withPayer(read, payer) : read;
  const runs = flow.runs.map((run) => ({ ...run, credits: prices[run.model] ?? null }));
  if (runs.some(({ credits }) => credits === null)) return fail(unconfirmed(flow), { code: 'noPrice' }, now);
  const credits = creditsOf(runs);
  if (balance < credits) return fail(unconfirmed(flow), whyInsufficient(flow, credits, balance, topUp), now);
  const { room = null } = event;
  if (room && credits > leftIn(room)) return fail(unconfirmed(flow), whyFull(room, credits), now);
  const { confirmed, quote: earlier } = flow.money;
  const { notice } = flow.shown;
  // The same price from another account is confirmed anew.
  const isNewPayer = isOther && earlier !== null;
  // What was confirmed had other pictures: it is another request, whatever it costs.
  const isOtherWork = earlier !== null && !isSame(pictureIds(before.asked), pictureIds(flow.asked));
  const was = earlier && earlier.credits !== credits ? earlier.credits : flow.money.before;
  const quote = { credits, basis, balance, at: now, until: now + times.quoteHolds };
  const asked = isOtherWork ? { changes: flow.asked.changes + 1 } : {};
  const quoted = change(flow, {
    runs,
    asked,
    money: { quote, before: was, room },
    approval: { wanted: event.hold ?? null },
  });
  if (confirmed?.credits === credits && !isNewPayer && !isOtherWork)
    return needsApproval(quoted, credits)
      ? toHeld(withNotice(quoted, null), now)
      : toQueued(withNotice(quoted, null), now);
  // What kept the price away is over.
  const usual = confirmed ? 'moved' : notice === 'stale' ? 'stale' : null;
  const changed = isOtherWork ? 'pictures' : usual;
  const moved = toQuoted(withNotice(quoted, isNewPayer ? 'payer' : changed), now);
  // Whoever waited for an approval may not be looking.
  const isAwaited = confirmed !== null && before.approval.approved !== null;
  return isAwaited ? { ...moved, effects: [...moved.effects, { do: 'mention', about: 'moved' }] } : moved;
}

/** The flow with the pictures of its style as they were found. */
function withPictures(flow: Flow, pictures: AppliedPicture[]): Flow {
  const { style } = flow.asked;
  return style ? change(flow, { asked: { style: { ...style, pictures } } }) : flow;
}

const isSame = (some: string[], others: string[]) => some.join() === others.join();

/** What somebody's own account has left is for nobody else to read. */
function whyInsufficient(flow: Flow, price: number, balance: number, topUp: string | undefined): Reason {
  if (isOwnAccount(flow)) return { code: 'insufficient', price };
  return { code: 'insufficient', balance, price, ...(topUp === undefined ? {} : { topUp }) };
}

/** A spend limit has no room for a price. */
export const whyFull = (room: Room, price: number): Reason => ({ code: 'limitFull', room, price });

/**
 * Temporary trouble is waited out. Somebody who has just pressed Confirm is shown the price again, so that nothing is
 * spent much later than they pressed; a flow that was in line goes on waiting.
 */
function refused(flow: Flow, reason: Reason, now: number, pollMs: number): Step {
  const waits = waiting(flow, reason, now, pollMs);
  if (!waits) return fail(unconfirmed(flow), reason, now);
  const { confirmed } = flow.money;
  const hasJustPressed = confirmed && now - confirmed.at < times.priceFresh;
  return hasJustPressed ? toQuoted(withNotice(flow, 'notStarted'), now) : show(waits);
}

/** Goes (back) to working out the price; nothing is confirmed until somebody presses Confirm on the new one. */
export function toQuoting(flow: Flow, now: number, changes: Changes = {}): Step {
  const asked = change(change(unconfirmed(flow), changes), {
    stage: 'quoting',
    money: { round: flow.money.round + 1 },
    wait: { failedReads: 0, nextCheckAt: now + times.priceRetry, giveUpAt: now + times.priceGivesUp },
  });
  return show(asked, [askPrice(asked)]);
}

function toQuoted(flow: Flow, now: number): Step {
  const giveUpAt = now + times.quotedCloses;
  return show(change(unconfirmed(flow), { stage: 'quoted', wait: { nextCheckAt: giveUpAt, giveUpAt } }));
}

/** Confirmed at a price read after the press: waits for a slot. The runner offers one at once when one is free. */
function toQueued(flow: Flow, now: number): Step {
  const wait = { position: null, nextCheckAt: now + times.queueCheck, giveUpAt: now + times.queueGivesUp };
  return stay(change(flow, { stage: 'queued', wait }));
}

/** Confirmed at a price that somebody else has to approve. They are asked by the rule under which it was held first. */
function toHeld(flow: Flow, now: number): Step {
  const { rule, wanted, asks } = flow.approval;
  const giveUpAt = now + times.approvalLapses;
  return show(
    change(flow, {
      stage: 'held',
      approval: {
        rule: rule ?? wanted,
        asks: asks + 1,
        message: null,
        left: [],
        posts: 0,
        problem: null,
        drawn: 0,
        approved: null,
        declined: null,
        offer: null,
      },
      wait: { position: null, giveUpAt, nextCheckAt: now + times.approvalCheck },
    }),
  );
}
