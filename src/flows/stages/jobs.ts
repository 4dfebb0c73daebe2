import { type Flow, type Job, jobsAtOnce } from '../flow.ts';

/** A job as it begins. */
export const newJob = (id: string): Job => ({
  id,
  status: 'running',
  outputs: [],
  error: null,
  charged: null,
  seed: null,
  missing: [],
  overAt: null,
});

/** The flow with jobs it did not know of; so many of the unclear ones are unclear no longer. */
export function withJobs(flow: Flow, ids: string[]): Flow {
  const fresh = [...new Set(ids)].filter((id) => flow.jobs.every((job) => job.id !== id));
  return { ...flow, jobs: [...flow.jobs, ...fresh.map(newJob)], unclear: Math.max(0, flow.unclear - fresh.length) };
}

/** Jobs of the latest paid call of which nothing is known yet. */
export const awaitedJobs = (flow: Flow) =>
  Math.max(0, flow.begun * jobsAtOnce(flow) - flow.jobs.length - flow.missing - flow.unclear);
