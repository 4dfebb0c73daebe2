import type { CheckedJob, Step } from '../events.ts';
import type { Flow, Job } from '../flow.ts';
import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import { fail, type Passing, park, passingNotice, type StageStep, show, stay, tryAgainAfter } from './stage.ts';

/** Kubeez is working: first read when the job should be done, then every poll. The drawer moves the card. */
export const running: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'resumed':
      return show({ ...flow, nextCheckAt: now });
    case 'woke':
      if (now >= flow.giveUpAt) return park(flow, { code: 'gaveUp' }, now);
      return stay(later(flow, now, pollMs), [{ do: 'check' }]);
    case 'checked':
      return jobsChecked(flow, event.jobs, now, pollMs);
    case 'submitted': {
      // An answer that was given up for lost.
      const late = event.jobs.filter((id) => flow.jobs.every((job) => job.id !== id)).map(newJob);
      if (late.length === 0) return stay(flow);
      return show({ ...flow, jobs: [...flow.jobs, ...late], missing: Math.max(0, flow.missing - late.length) });
    }
    case 'checkFailed':
      return show(waitFor(passingNotice(event.reason) ?? 'outage', flow, now, pollMs));
    default:
      return stay(flow);
  }
};

/** A job as it begins. */
export const newJob = (id: string): Job => ({
  id,
  status: 'running',
  outputs: [],
  error: null,
  charged: null,
  seed: null,
});

/** The jobs are known: follows them. `seconds`: how long the platform expects them to take. */
export function toRunning(flow: Flow, seconds: number | null, now: number, pollMs: number): Step {
  const since = flow.running?.since ?? flow.submittedAt ?? now;
  const expected = seconds ?? flow.running?.seconds ?? flow.model.seconds;
  // A job found again after a lost answer may be long done.
  const wait = Math.min(times.firstCheckMost, expected > 0 ? expected * 1000 : pollMs);
  const checkAt = Math.max(now, since + wait);
  const running = { since, seconds: expected };
  const started: Flow = {
    ...flow,
    stage: 'running',
    submittedAt: since,
    running,
    reason: null,
    notice: null,
    endedAt: null,
  };
  return show({ ...started, place: null, nextCheckAt: checkAt, giveUpAt: now + times.runningGivesUp });
}

/** Reads again after `pause`. */
export function later(flow: Flow, now: number, pause: number): Flow {
  return { ...flow, nextCheckAt: Math.min(now + pause, flow.giveUpAt) };
}

function waitFor(notice: Passing, flow: Flow, now: number, pollMs: number): Flow {
  return later({ ...flow, notice }, now, Math.max(pollMs, tryAgainAfter[notice]));
}

function jobsChecked(flow: Flow, checked: CheckedJob[], now: number, pollMs: number): Step {
  const seen = new Map(checked.map((job) => [job.id, job]));
  const jobs = flow.jobs.map((job) => (job.status === 'running' ? { ...job, ...seen.get(job.id) } : job));
  const charges = jobs.flatMap((job) => (job.charged === null ? [] : [job.charged]));
  const charged = charges.length === jobs.length ? charges.reduce((sum, credits) => sum + credits, 0) : null;
  const next: Flow = { ...flow, jobs, charged, notice: null };
  if (jobs.some((job) => job.status === 'running')) return show(later(next, now, pollMs));
  if (jobs.some((job) => job.status === 'completed')) return toDelivering(next, now);
  return fail(next, { code: 'jobFailed', ...detailOf(jobs) }, now);
}

function detailOf(jobs: Job[]): { detail?: string } {
  const detail = jobs.find((job) => job.error)?.error;
  return detail ? { detail } : {};
}
