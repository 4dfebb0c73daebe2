import { change } from '../change.ts';
import type { CheckedJob, Event, Step } from '../events.ts';
import { type Flow, secondsExpected } from '../flow.ts';
import {
  chargedFor,
  type Job,
  jobsOf,
  openTasks,
  runsIn,
  taskPause,
  withAnswer,
  withFound,
  withNews,
  withoutTask,
  withPauses,
  withState,
} from '../runs.ts';
import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import {
  fail,
  type Passing,
  park,
  passingNotice,
  pauseAfter,
  type StageStep,
  show,
  stay,
  wakeAt,
  withNotice,
  withTimeAgain,
} from './stage.ts';

/** Kubeez is working: first read when the job should be done, then every poll. The drawer moves the card. */
export const running: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'resumed':
      return show(wakeAt(withTimeAgain(flow, now), now));
    case 'woke': {
      if (isSettled(flow)) return ended(flow, now);
      const timed = withTimeAgain(flow, now);
      // What is there is given, however long the rest may take.
      if (now >= timed.wait.giveUpAt)
        return hasOutputs(flow) ? toDelivering(flow, now) : park(flow, { code: 'gaveUp' }, now);
      return stay(later(timed, now, pollMs), [{ do: 'check' }]);
    }
    case 'checked':
      return jobsChecked({ ...flow, runs: withPauses(flow.runs, event.tasks ?? []) }, event.jobs, now, pollMs);
    case 'submitted':
    case 'found':
      // Jobs whose answer counted as lost.
      return show(later(withJobsOf(flow, event), now, pollMs));
    case 'notFound':
      return isSettled(flow) ? ended(flow, now) : stay(flow);
    case 'checkFailed':
      return readFailed(flow, passingNotice(event.reason) ?? 'outage', now, pollMs);
    default:
      return stay(flow);
  }
};

/** The jobs are known: follows them. `seconds`: how long the platform expects them to take. */
export function toRunning(flow: Flow, seconds: number | null, now: number, pollMs: number): Step {
  const { running, submittedAt } = flow.wait;
  const since = running?.since ?? submittedAt ?? now;
  const expected = seconds ?? running?.seconds ?? secondsExpected(flow);
  // A job found again after a lost answer may be long done.
  const pause = Math.min(times.maxFirstCheck, expected > 0 ? expected * 1000 : pollMs);
  const started = change(flow, {
    stage: 'running',
    endedAt: null,
    shown: { reason: null, notice: null },
    wait: {
      submittedAt: since,
      running: { since, seconds: expected },
      failedReads: 0,
      position: null,
      // How long a task takes nobody has said.
      nextCheckAt: openTasks(flow).length > 0 ? now + Math.max(pollMs, taskPause(flow)) : Math.max(now, since + pause),
      giveUpAt: now + times.runningGivesUp,
    },
  });
  return show(started);
}

/** The flow goes on with the jobs that are known; runs that were never started are left out. */
export const withoutRest = (flow: Flow, now: number, pollMs: number): Step =>
  toRunning({ ...flow, runs: withState(flow.runs, { state: 'waiting' }, 'refused') }, null, now, pollMs);

type Named = Extract<Event, { type: 'submitted' | 'found' }>;

/** The flow with the jobs that an answer or a look-up names, and with what an answer has of their results. */
export function withJobsOf(flow: Flow, event: Named): Flow {
  if (event.type === 'found') return { ...flow, runs: withFound(flow.runs, event.jobs) };
  const { call, jobs, note, finished, task } = event;
  const runs = withAnswer(task ? flow.runs : withoutTask(flow.runs, call), call, jobs, task);
  const known = change(flow, { runs, shown: { note: note ?? flow.shown.note } });
  // Of several jobs nobody can tell whose results these are: each is followed.
  if (!finished || jobs.length > 1) return known;
  const { outputs, words } = finished;
  const done = withNews(runs, (job) => (jobs.includes(job.id) ? { ...job, status: 'completed', outputs } : job));
  return change(known, { runs: done, shown: { words: words ?? known.shown.words } });
}

/** Jobs whose answer was lost turned up after all: the flow follows them. */
export function foundLate(flow: Flow, event: Named, now: number, pollMs: number): Step {
  const known = withJobsOf(flow, event);
  return jobsOf(known).length === jobsOf(flow).length ? stay(flow) : withoutRest(known, now, pollMs);
}

/** Reads again after `pause`, or later where the server wants that for a task. */
export const later = (flow: Flow, now: number, pause: number): Flow =>
  wakeAt(flow, Math.min(now + Math.max(pause, taskPause(flow)), flow.wait.giveUpAt));

/** A single failed read is not shown: the next one usually works. */
function readFailed(flow: Flow, passing: Passing, now: number, pollMs: number): Step {
  const { failedReads } = flow.wait;
  const failed = change(flow, { wait: { failedReads: failedReads + 1 } });
  const next = later(failed, now, pauseAfter(failedReads, passing, pollMs));
  if (failedReads === 0 || flow.shown.notice === passing) return stay(next);
  return show(withNotice(next, passing));
}

function jobsChecked(flow: Flow, checked: CheckedJob[], now: number, pollMs: number): Step {
  const seen = new Map(checked.map((job) => [job.id, job]));
  const runs = withNews(flow.runs, (job) => (job.status === 'running' ? newsOf(job, seen.get(job.id), now) : job));
  const read = { shown: { notice: null }, wait: { failedReads: 0 } };
  const next = change(flow, { runs, money: { charged: chargedFor({ runs }) }, ...read });
  if (!isSettled(next)) return hasWaitedEnough(next, now) ? toDelivering(next, now) : show(later(next, now, pollMs));
  // The history may know by now what became of a lost answer. It is asked once, and not waited for.
  if (runsIn(next, 'unclear').length > 0)
    return show(later(next, now, Math.max(pollMs, times.lastLookUp)), [{ do: 'lookUp' }]);
  return ended(next, now);
}

/** Whether every job that is known has ended. */
export function isSettled(flow: Flow): boolean {
  const jobs = jobsOf(flow);
  return jobs.length > 0 && jobs.every((job) => job.status !== 'running');
}

/** Every job that is known has ended. */
function ended(flow: Flow, now: number): Step {
  const jobs = jobsOf(flow);
  if (jobs.some((job) => job.status === 'completed')) return toDelivering(flow, now);
  if (runsIn(flow, 'unclear').length > 0) return park(flow, { code: 'lost' }, now);
  const failed = fail(flow, { code: 'jobFailed', ...detailOf(jobs) }, now);
  return flow.money.charged === null ? { ...failed, effects: [...failed.effects, { do: 'checkRefund' }] } : failed;
}

/** A job with its latest state. One that is done but lacks a file is given some more minutes. */
function newsOf(job: Job, news: CheckedJob | undefined, now: number): Job {
  if (!news) return job;
  const { isPartial, ...status } = news;
  const isOver = status.status !== 'running' || isPartial;
  const overAt = isOver ? (job.overAt ?? now) : null;
  const patience = status.outputs.length > 0 ? times.missingFile : times.missingAll;
  const isLate = isPartial && overAt !== null && now - overAt >= patience;
  return { ...job, ...status, status: isLate ? 'completed' : status.status, overAt };
}

const hasOutputs = (flow: Flow) => jobsOf(flow).some((job) => job.outputs.length > 0);

/** Some of several jobs ended long ago: their results are not held back for the others. */
function hasWaitedEnough(flow: Flow, now: number): boolean {
  const jobs = jobsOf(flow);
  if (jobs.every((job) => job.status !== 'completed')) return false;
  const last = Math.max(...jobs.map((job) => job.overAt ?? 0));
  const expected = (flow.wait.running?.seconds ?? 0) * 1000;
  return now - last >= Math.max(times.slowestJob, Math.min(expected, times.runningGivesUp));
}

function detailOf(jobs: Job[]): { detail?: string } {
  const detail = jobs.find((job) => job.error)?.error;
  return detail ? { detail } : {};
}
