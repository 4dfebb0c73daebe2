import { change } from '../change.ts';
import type { Event, Step } from '../events.ts';
import { type Flow, secondsExpected } from '../flow.ts';
import { recipes } from '../recipes/index.ts';
import { callUnderWay, jobsOf, nextCall, runsOfCall, withState } from '../runs.ts';
import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import { isSettled, toRunning, withJobsOf, withoutRest } from './running.ts';
import { fail, type Passing, park, passingNotice, type StageStep, show, stay, tryAgainAfter, wakeAt } from './stage.ts';

type Submitted = Extract<Event, { type: 'submitted' }>;
type SubmitRefused = Extract<Event, { type: 'submitRefused' }>;

/**
 * The paid call is under way. It is made once, by the step that led here; a flow that a restart finds in this stage is
 * looked up in the account's history, never submitted again.
 */
export const submitting: StageStep = (flow, event, now, pollMs) => {
  const call = callUnderWay(flow);
  switch (event.type) {
    case 'submitted':
      // The answer to an earlier call that counted as lost: this one is still on its way.
      return event.call === call ? answered(flow, event, now, pollMs) : show(withJobsOf(flow, event));
    case 'submitRefused':
      return event.call === call ? refused(flow, event, now, pollMs) : stay(flow);
    case 'answerLost':
      return event.call === call ? lookUp(change(flow, { wait: { claim: event.claim } }), now) : stay(flow);
    case 'resumed':
    case 'woke':
      if (now >= flow.wait.giveUpAt) return unclear(flow, now, pollMs);
      return lookUp(flow, now);
    case 'found': {
      const known = withJobsOf(flow, event);
      if (callUnderWay(known) === undefined) return startSettled(known, null, now, pollMs);
      return lookAgain(known, true, now, pollMs);
    }
    case 'notFound':
      // Once contradicted, never proven: the job may fail by the next look, and its credits come back.
      return lookAgain(event.isCharged ? change(flow, { wait: { claim: null } }) : flow, event.hasHistory, now, pollMs);
    default:
      return stay(flow);
  }
};

/** Milliseconds until a call that says nothing counts as lost. */
export const watch = (flow: Flow) => recipes[flow.recipe].patience + times.submitSlack;

function answered(flow: Flow, event: Submitted, now: number, pollMs: number): Step {
  const known = withJobsOf(flow, event);
  const isOver = event.finished !== undefined && isSettled(known) && nextCall(known) === undefined;
  return isOver ? toDelivering(known, now) : startSettled(known, event.seconds, now, pollMs);
}

/** Nothing more can be learned about this call: goes on with the next one, if there is one. */
function startSettled(flow: Flow, seconds: number | null, now: number, pollMs: number): Step {
  if (nextCall(flow) === undefined) return toRunning(flow, seconds, now, pollMs);
  const { running, submittedAt } = flow.wait;
  const next = change(flow, {
    stage: 'queued',
    shown: { notice: null },
    wait: {
      running: running ?? { since: submittedAt ?? now, seconds: seconds ?? secondsExpected(flow) },
      submittedAt: null,
      nextCheckAt: now + times.restWaits,
    },
  });
  return show(next);
}

function refused(flow: Flow, { call, again, reason }: SubmitRefused, now: number, pollMs: number): Step {
  const known = change(flow, { wait: { answer: 'awaited', claim: null } });
  const isUntouched = jobsOf({ runs: runsOfCall(flow, call) }).length === 0;
  if (again && isUntouched) return backInLine(known, passingNotice(reason) ?? 'busy', now);
  const without = { ...known, runs: withState(known.runs, { state: 'begun' }, 'refused') };
  if (jobsOf(without).length > 0) return withoutRest(without, now, pollMs);
  return fail(change(without, { wait: { submittedAt: null } }), reason, now);
}

/** Nothing was accepted: tries again a little later. */
function backInLine(flow: Flow, notice: Passing, now: number): Step {
  const back = change(flow, {
    stage: 'queued',
    runs: withState(flow.runs, { state: 'begun' }, 'waiting'),
    shown: { notice },
    wait: {
      submittedAt: null,
      nextCheckAt: now + tryAgainAfter[notice],
      giveUpAt: now + times.queueGivesUp,
    },
  });
  return show(back);
}

function lookUp(flow: Flow, now: number): Step {
  const next = change(wakeAt(flow, now + watch(flow)), { wait: { answer: 'lost' } });
  return flow.wait.answer === 'lost' ? stay(next, [{ do: 'lookUp' }]) : show(next, [{ do: 'lookUp' }]);
}

/** The history may be late, and so may the answers of other starts, which are needed to explain the balance. */
function lookAgain(flow: Flow, hasHistory: boolean, now: number, pollMs: number): Step {
  const { claim, lookUps } = flow.wait;
  const pause = hasHistory || claim !== null ? times.lookUpPauses[lookUps] : undefined;
  if (pause === undefined) return unclear(flow, now, pollMs);
  return stay(change(flow, { wait: { lookUps: lookUps + 1, nextCheckAt: now + pause } }));
}

/** Nobody can tell what came of the call. Where other jobs are known, the flow goes on with them. */
function unclear(flow: Flow, now: number, pollMs: number): Step {
  const known = { ...flow, runs: withState(flow.runs, { state: 'begun' }, 'unclear') };
  if (jobsOf(known).length === 0) return park(known, { code: 'lost' }, now);
  return startSettled(known, null, now, pollMs);
}
