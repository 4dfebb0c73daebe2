import type { CheckedJob, Step } from '../events.ts';
import { type Flow, type Job, jobsOf } from '../flow.ts';
import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import { withJobs } from './jobs.ts';
import { fail, type Passing, park, passingNotice, pauseAfter, type StageStep, show, stay } from './stage.ts';

/** Kubeez is working: first read when the job should be done, then every poll. The drawer moves the card. */
export const running: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'resumed':
      return show({ ...flow, nextCheckAt: now });
    case 'woke':
      if (isSettled(flow)) return ended(flow, now);
      // What is there is given, however long the rest may take.
      if (now >= flow.giveUpAt) return hasOutputs(flow) ? toDelivering(flow, now) : park(flow, { code: 'gaveUp' }, now);
      return stay(later(flow, now, pollMs), [{ do: 'check' }]);
    case 'checked':
      return jobsChecked(flow, event.jobs, now, pollMs);
    case 'submitted':
    case 'found':
      // Jobs whose answer counted as lost.
      return show(later(withJobs(flow, event.jobs), now, pollMs));
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
  const since = flow.running?.since ?? flow.submittedAt ?? now;
  const expected = seconds ?? flow.running?.seconds ?? flow.model.seconds;
  // A job found again after a lost answer may be long done.
  const wait = Math.min(times.maxFirstCheck, expected > 0 ? expected * 1000 : pollMs);
  const checkAt = Math.max(now, since + wait);
  const running = { since, seconds: expected };
  const started: Flow = {
    ...flow,
    stage: 'running',
    submittedAt: since,
    running,
    reason: null,
    notice: null,
    failedReads: 0,
    endedAt: null,
  };
  return show({ ...started, place: null, nextCheckAt: checkAt, giveUpAt: now + times.runningGivesUp });
}

/** What was never started is left out: the flow goes on with the jobs that are known. */
export function withoutRest(flow: Flow, now: number, pollMs: number): Step {
  const missing = Math.max(0, jobsOf(flow) - flow.jobs.length - flow.unclear);
  return toRunning({ ...flow, missing }, null, now, pollMs);
}

/** Jobs whose answer was lost turned up after all: the flow follows them. */
export function foundLate(flow: Flow, ids: string[], now: number, pollMs: number): Step {
  const known = withJobs(flow, ids);
  return known.jobs.length === flow.jobs.length ? stay(flow) : withoutRest(known, now, pollMs);
}

/** Reads again after `pause`. */
export function later(flow: Flow, now: number, pause: number): Flow {
  return { ...flow, nextCheckAt: Math.min(now + pause, flow.giveUpAt) };
}

/** The first failure of a read is often the only one: nobody needs to know of it. */
function readFailed(flow: Flow, passing: Passing, now: number, pollMs: number): Step {
  const notice = flow.failedReads > 0 ? passing : flow.notice;
  const failed: Flow = { ...flow, notice, failedReads: flow.failedReads + 1 };
  const next = later(failed, now, pauseAfter(flow.failedReads, passing, pollMs));
  return notice === flow.notice ? stay(next) : show(next);
}

function jobsChecked(flow: Flow, checked: CheckedJob[], now: number, pollMs: number): Step {
  const seen = new Map(checked.map((job) => [job.id, job]));
  const jobs = flow.jobs.map((job) => (job.status === 'running' ? withNews(job, seen.get(job.id), now) : job));
  const charges = jobs.flatMap((job) => (job.charged === null ? [] : [job.charged]));
  const charged = charges.length === jobs.length ? charges.reduce((sum, credits) => sum + credits, 0) : null;
  const next: Flow = { ...flow, jobs, charged, notice: null, failedReads: 0 };
  if (!isSettled(next)) return hasWaitedEnough(next, now) ? toDelivering(next, now) : show(later(next, now, pollMs));
  // The history may know by now what became of a lost answer. It is asked once, and not waited for.
  if (next.unclear > 0) return show(later(next, now, Math.max(pollMs, times.lastLookUp)), [{ do: 'lookUp' }]);
  return ended(next, now);
}

const isSettled = ({ jobs }: Flow) => jobs.length > 0 && jobs.every((job) => job.status !== 'running');

/** Every job that is known has ended. */
function ended(flow: Flow, now: number): Step {
  if (flow.jobs.some((job) => job.status === 'completed')) return toDelivering(flow, now);
  if (flow.unclear > 0) return park(flow, { code: 'lost' }, now);
  return fail(flow, { code: 'jobFailed', ...detailOf(flow.jobs) }, now);
}

/** A job with what was read of it. One that is over but lacks a file is given some minutes. */
function withNews(job: Job, news: CheckedJob | undefined, now: number): Job {
  if (!news) return job;
  const { status, outputs, error, charged, seed, missing = [], isPartial = false } = news;
  const isOver = status !== 'running' || isPartial;
  const overAt = isOver ? (job.overAt ?? now) : null;
  const patience = outputs.length > 0 ? times.missingFile : times.missingAll;
  const isLate = isPartial && overAt !== null && now - overAt >= patience;
  return { ...job, status: isLate ? 'completed' : status, outputs, error, charged, seed, missing, overAt };
}

const hasOutputs = (flow: Flow) => flow.jobs.some((job) => job.outputs.length > 0);

/** Some jobs of several are over for long: their results are not held back for the others. */
function hasWaitedEnough(flow: Flow, now: number): boolean {
  if (flow.jobs.every((job) => job.status !== 'completed')) return false;
  const last = Math.max(...flow.jobs.map((job) => job.overAt ?? 0));
  const expected = (flow.running?.seconds ?? 0) * 1000;
  return now - last >= Math.max(times.slowestJob, Math.min(expected, times.runningGivesUp));
}

function detailOf(jobs: Job[]): { detail?: string } {
  const detail = jobs.find((job) => job.error)?.error;
  return detail ? { detail } : {};
}
