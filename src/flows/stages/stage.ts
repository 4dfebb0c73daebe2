import { type Changes, change } from '../change.ts';
import type { Effect, Event, Step } from '../events.ts';
import type { Flow, Stage } from '../flow.ts';
import type { Reason } from '../reasons.ts';
import { times } from '../times.ts';

/** The part of `step` for one stage. */
export type StageStep = (flow: Flow, event: Event, now: number, pollMs: number) => Step;

const draw: Effect = { do: 'draw' };

/** The flow as it is, perhaps with something to do. */
export const stay = (flow: Flow, effects: Effect[] = []): Step => ({ flow, effects });

/** The same stage, and the card is drawn again. */
export const show = (flow: Flow, effects: Effect[] = []): Step => ({ flow, effects: [draw, ...effects] });

/** The flow with its next wake-up at this moment (milliseconds since 1970). */
export const wakeAt = (flow: Flow, nextCheckAt: number): Flow => change(flow, { wait: { nextCheckAt } });

/**
 * The flow with time for what was to be tried before it gives up, where nobody was there to try it: no process ran, or its
 * machine stood still.
 */
export function withTimeAgain(flow: Flow, now: number): Flow {
  const { giveUpAt, nextCheckAt } = flow.wait;
  const wasAway = nextCheckAt !== null && now - nextCheckAt >= times.away;
  return wasAway && now >= giveUpAt ? change(flow, { wait: { giveUpAt: now + times.away } }) : flow;
}

/** The flow with what changed since its requester last looked. */
export const withNotice = (flow: Flow, notice: Flow['shown']['notice']): Flow => change(flow, { shown: { notice } });

/** The flow with nothing confirmed. */
export const unconfirmed = (flow: Flow): Flow => change(flow, { money: { confirmed: null } });

/** Ends the flow for good; whoever waited long for a result, or for its failure, is told once. */
export function end(flow: Flow, stage: Stage, now: number, changes: Changes = {}, effects = [draw]): Step {
  const ended = change(change(flow, changes), { stage, endedAt: now, wait: { nextCheckAt: null } });
  const { confirmed } = flow.money;
  const waited = confirmed ? now - confirmed.at : 0;
  const isResult = stage === 'delivered' || stage === 'failed';
  if (!isResult || flow.shown.mentioned || waited <= times.patientFor) return { flow: ended, effects };
  return {
    flow: change(ended, { shown: { mentioned: true } }),
    effects: [...effects, { do: 'mention', about: 'end' }],
  };
}

/** Ends the flow without a result. */
export const fail = (flow: Flow, reason: Reason, now: number): Step => end(flow, 'failed', now, { shown: { reason } });

/** Leaves the decision to a person: something may have been paid for, and the bot cannot find out more now. */
export const park = (flow: Flow, reason: Reason, now: number): Step => end(flow, 'unclear', now, { shown: { reason } });

export type Passing = 'outage' | 'busy' | 'signedOut';

/** What the card says about a temporary refusal; undefined for any other. */
export function passingNotice({ code }: Reason): Passing | undefined {
  if (code === 'outage' || code === 'busy') return code;
  return code === 'unauthorized' ? 'signedOut' : undefined;
}

/**
 * The flow while it waits out temporary trouble, for at most a day in all; undefined where waiting would not help.
 */
export function waiting(flow: Flow, reason: Reason, now: number, pollMs: number): Flow | undefined {
  const { failedReads } = flow.wait;
  const notice = passingNotice(reason);
  if (!notice) return undefined;
  const isFirst = !flow.shown.notice || !Object.hasOwn(tryAgainAfter, flow.shown.notice);
  const giveUpAt = isFirst ? now + times.outageGivesUp : flow.wait.giveUpAt;
  const nextCheckAt = now + pauseAfter(failedReads, notice, pollMs);
  return change(flow, {
    shown: { notice },
    wait: { nextCheckAt, giveUpAt, failedReads: failedReads + 1, failedAt: now },
  });
}

/** Milliseconds until a failed read is tried again; `failures`: how many in a row came before this one. */
export const pauseAfter = (failures: number, passing: Passing, pollMs: number) =>
  Math.max(pollMs, Math.min(tryAgainAfter[passing], pollMs * 2 ** Math.min(failures, 20)));

/** What to say when such a wait has lasted too long. */
export function whyGivenUp({ shown: { notice } }: Flow): Reason {
  if (notice === 'signedOut') return { code: 'unauthorized' };
  return { code: notice === 'busy' ? 'busy' : 'outage' };
}

/** Milliseconds after which what did not work is tried again, at the latest. */
export const tryAgainAfter: Record<Passing, number> = {
  outage: times.outageRetry,
  busy: times.busyRetry,
  signedOut: times.signInRetry,
};
