import type { Event, Step } from '../events.ts';
import { type Flow, jobsOf } from '../flow.ts';
import { recipes } from '../recipes/index.ts';
import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import { newJob, toRunning } from './running.ts';
import { fail, type Passing, park, passingNotice, type StageStep, show, stay, tryAgainAfter } from './stage.ts';

type Submitted = Omit<Extract<Event, { type: 'submitted' }>, 'type'>;

/**
 * The paid call is on its way. It is made once, by the step that led here; a flow found in this stage later is
 * looked up in the account's history, never submitted again.
 */
export const submitting: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'submitted':
      return started(flow, event, now, pollMs);
    case 'submitRefused':
      if (!event.again)
        return nothingStarted(flow, now, pollMs) ?? fail({ ...flow, submittedAt: null }, event.reason, now);
      return backInLine(flow, passingNotice(event.reason) ?? 'busy', now);
    case 'resumed':
    case 'answerLost':
    case 'woke':
      if (now >= flow.giveUpAt) return nothingStarted(flow, now, pollMs) ?? park(flow, { code: 'lost' }, now);
      return stay({ ...flow, nextCheckAt: now + watch(flow) }, [{ do: 'lookUp' }]);
    case 'found':
      return started(flow, { jobs: [event.job], seconds: null }, now, pollMs);
    case 'notFound':
      return lookAgainOrPark(flow, now, pollMs);
    default:
      return stay(flow);
  }
};

/** Milliseconds until a call that says nothing counts as lost. */
export const watch = (flow: Flow) => recipes[flow.recipe].patience + times.submitSlack;

/** Takes note of what was started, and goes on with the next start if there is one. */
export function started(flow: Flow, { jobs, seconds, note, finished }: Submitted, now: number, pollMs: number): Step {
  const known: Flow = {
    ...flow,
    jobs: [...flow.jobs, ...jobs.filter((id) => flow.jobs.every((job) => job.id !== id)).map(newJob)],
    note: note ?? flow.note,
  };
  if (finished) {
    const done = known.jobs.map((job) => ({ ...job, status: 'completed' as const, outputs: finished.outputs }));
    return toDelivering({ ...known, jobs: done, words: finished.words }, now);
  }
  if (flow.stage === 'submitting' && known.jobs.length + known.missing < jobsOf(flow) && flow.starts > 1)
    return show({
      ...known,
      stage: 'queued',
      running: flow.running ?? { since: flow.submittedAt ?? now, seconds: seconds ?? flow.model.seconds },
      submittedAt: null,
      notice: null,
      nextCheckAt: now + times.restWaits,
    });
  return toRunning(known, seconds, now, pollMs);
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

/** Of several starts some have begun: the flow goes on with those, and the rest is left out. */
export function withoutRest(flow: Flow, now: number, pollMs: number): Step {
  return toRunning({ ...flow, missing: flow.starts - flow.jobs.length }, null, now, pollMs);
}

const nothingStarted = (flow: Flow, now: number, pollMs: number) =>
  flow.jobs.length > 0 ? withoutRest(flow, now, pollMs) : undefined;

function lookAgainOrPark(flow: Flow, now: number, pollMs: number): Step {
  const pause = times.lookUpPauses[flow.lookUps];
  if (pause === undefined) return nothingStarted(flow, now, pollMs) ?? park(flow, { code: 'lost' }, now);
  return stay({ ...flow, lookUps: flow.lookUps + 1, nextCheckAt: now + pause });
}
