import type { Event, Step } from '../events.ts';
import { type Flow, jobsAtOnce } from '../flow.ts';
import { recipes } from '../recipes/index.ts';
import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import { awaitedJobs, withJobs } from './jobs.ts';
import { toRunning, withoutRest } from './running.ts';
import { fail, type Passing, park, passingNotice, type StageStep, show, stay, tryAgainAfter } from './stage.ts';

type Submitted = Extract<Event, { type: 'submitted' }>;

/**
 * The paid call is on its way. It is made once, by the step that led here; a flow found in this stage later is
 * looked up in the account's history, never submitted again.
 */
export const submitting: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'submitted':
      // The answer to an earlier call that counted as lost: this one is still on its way.
      return event.start === flow.begun ? answered(flow, event, now, pollMs) : show(withJobs(flow, event.jobs));
    case 'submitRefused':
      return event.start === flow.begun ? refused(flow, event, now, pollMs) : stay(flow);
    case 'answerLost':
      return event.start === flow.begun ? lookUp({ ...flow, claim: event.claim }, now) : stay(flow);
    case 'resumed':
    case 'woke':
      if (now >= flow.giveUpAt) return unclear(flow, now, pollMs);
      return lookUp(flow, now);
    case 'found': {
      const known = withJobs(flow, event.jobs);
      if (awaitedJobs(known) === 0) return startSettled(known, null, now, pollMs);
      return lookAgain(known, true, now, pollMs);
    }
    case 'notFound':
      return lookAgain(flow, event.hasHistory, now, pollMs);
    default:
      return stay(flow);
  }
};

/** Milliseconds until a call that says nothing counts as lost. */
export const watch = (flow: Flow) => recipes[flow.recipe].patience + times.submitSlack;

function answered(flow: Flow, { jobs, seconds, note, finished }: Submitted, now: number, pollMs: number): Step {
  const known: Flow = { ...withJobs({ ...flow, unclear: 0 }, jobs), unclear: flow.unclear, note: note ?? flow.note };
  if (finished) {
    const done = known.jobs.map((job) => ({ ...job, status: 'completed' as const, outputs: finished.outputs }));
    return toDelivering({ ...known, jobs: done, words: finished.words }, now);
  }
  // Several ids but fewer than were asked for: the rest was not started. A single one may stand for all.
  const isShort = jobs.length > 1 && flow.starts === 1;
  const missing = isShort ? Math.max(0, jobsAtOnce(flow) - jobs.length) : known.missing;
  return startSettled({ ...known, missing }, seconds, now, pollMs);
}

/** All that can be known of a call is known: goes on with the next one if there is one. */
function startSettled(flow: Flow, seconds: number | null, now: number, pollMs: number): Step {
  if (flow.begun >= flow.starts) return toRunning(flow, seconds, now, pollMs);
  return show({
    ...flow,
    stage: 'queued',
    running: flow.running ?? { since: flow.submittedAt ?? now, seconds: seconds ?? flow.model.seconds },
    submittedAt: null,
    notice: null,
    nextCheckAt: now + times.restWaits,
  });
}

function refused(
  flow: Flow,
  { again, reason }: Extract<Event, { type: 'submitRefused' }>,
  now: number,
  pollMs: number,
): Step {
  const back: Flow = { ...flow, begun: flow.begun - 1, answer: 'awaited', claim: null };
  if (again) return backInLine(back, passingNotice(reason) ?? 'busy', now);
  if (back.jobs.length > 0) return withoutRest(back, now, pollMs);
  return fail({ ...back, submittedAt: null }, reason, now);
}

/** Nothing was accepted: tries again a little later. */
function backInLine(flow: Flow, notice: Passing, now: number): Step {
  return show({
    ...flow,
    stage: 'queued',
    submittedAt: null,
    notice,
    nextCheckAt: now + tryAgainAfter[notice],
    giveUpAt: now + times.queueGivesUp,
  });
}

function lookUp(flow: Flow, now: number): Step {
  const next: Flow = { ...flow, answer: 'lost', nextCheckAt: now + watch(flow) };
  return flow.answer === 'lost' ? stay(next, [{ do: 'lookUp' }]) : show(next, [{ do: 'lookUp' }]);
}

/** The history may be late, and so may the answers of other starts, with which the balance is understood. */
function lookAgain(flow: Flow, hasHistory: boolean, now: number, pollMs: number): Step {
  const pause = hasHistory || flow.claim !== null ? times.lookUpPauses[flow.lookUps] : undefined;
  if (pause !== undefined) return stay({ ...flow, lookUps: flow.lookUps + 1, nextCheckAt: now + pause });
  return unclear(flow, now, pollMs);
}

/** What came of the call stays unknown. Where other jobs are known, the flow goes on with them. */
function unclear(flow: Flow, now: number, pollMs: number): Step {
  const known: Flow = { ...flow, unclear: flow.unclear + awaitedJobs(flow) };
  if (known.jobs.length === 0) return park(known, { code: 'lost' }, now);
  return startSettled(known, null, now, pollMs);
}
