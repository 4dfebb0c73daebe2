import type { Effect, Event, Step } from '../events.ts';
import type { Flow, Stage } from '../flow.ts';
import type { Reason } from '../reasons.ts';
import { times } from '../times.ts';

/** One stage's share of `step`. */
export type StageStep = (flow: Flow, event: Event, now: number, pollMs: number) => Step;

const draw: Effect = { do: 'draw' };

/** The flow as it is, perhaps with something to do. */
export const stay = (flow: Flow, effects: Effect[] = []): Step => ({ flow, effects });

/** The same stage, changed so that one sees it. */
export const show = (flow: Flow, effects: Effect[] = []): Step => ({ flow, effects: [draw, ...effects] });

/** Ends the flow for good. */
export function end(flow: Flow, stage: Stage, now: number, changes: Partial<Flow> = {}, effects = [draw]): Step {
  return { flow: { ...flow, ...changes, stage, nextCheckAt: null, endedAt: now }, effects };
}

/** Ends the flow without a result. */
export const fail = (flow: Flow, reason: Reason, now: number): Step => end(flow, 'failed', now, { reason });

/** Leaves the flow to a person: something may have been paid for, and nothing more can be found out right now. */
export const park = (flow: Flow, reason: Reason, now: number): Step => end(flow, 'unknown', now, { reason });

export type Passing = 'outage' | 'busy' | 'signedOut';

/** What the card says of a refusal that may pass by itself; undefined for any other. */
export function passingNotice({ code }: Reason): Passing | undefined {
  if (code === 'outage' || code === 'busy') return code;
  return code === 'unauthorized' ? 'signedOut' : undefined;
}

/**
 * The flow while it waits for what passes by itself, for at most a day from the first time; undefined where nothing
 * does.
 */
export function waiting(flow: Flow, reason: Reason, now: number): Flow | undefined {
  const notice = passingNotice(reason);
  if (!notice) return undefined;
  const isFirst = !flow.notice || !Object.hasOwn(tryAgainAfter, flow.notice);
  const giveUpAt = isFirst ? now + times.outageGivesUp : flow.giveUpAt;
  return { ...flow, notice, nextCheckAt: now + tryAgainAfter[notice], giveUpAt };
}

/** What to say when such a wait comes to its end. */
export function whyGivenUp({ notice }: Flow): Reason {
  if (notice === 'signedOut') return { code: 'unauthorized' };
  return { code: notice === 'busy' ? 'busy' : 'outage' };
}

/** Milliseconds after which what did not work is tried again. */
export const tryAgainAfter: Record<Passing, number> = {
  outage: times.outageRetry,
  busy: times.busyRetry,
  signedOut: times.signInRetry,
};
