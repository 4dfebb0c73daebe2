import { change } from './change.ts';
import { type Flow, isTerminal } from './flow.ts';
import type { Run } from './runs.ts';

/** What becomes of a flow when its server no longer keeps what people wrote. Pure. */

/**
 * Whether it may be cleared: it ended before that moment, and nothing that was paid for is still on its way, missing, or
 * unclear.
 *
 * @param endedBefore milliseconds since 1970
 */
export const mayClear = (flow: Flow, endedBefore: number): boolean =>
  isTerminal(flow) && flow.endedAt !== null && flow.endedAt <= endedBefore && !flow.runs.some(isUnsettled);

function isUnsettled(run: Run): boolean {
  if (run.state !== 'job') return run.state === 'begun' || run.state === 'unclear';
  return run.job.status === 'running' || (run.job.status === 'completed' && run.job.missing.length > 0);
}

/**
 * The flow without anything that somebody wrote, without its files and without links to its results. What the ledger and
 * the history go by stays: ids, kind, models, credits, times.
 *
 * @param at milliseconds since 1970
 */
export function cleared(flow: Flow, at: number): Flow {
  const { declined } = flow.approval;
  return change(flow, {
    clearedAt: at,
    asked: { prompt: '', options: {}, adjusted: [], style: null, inputs: [], attachments: [] },
    upload: { session: null, problem: null },
    approval: { declined: declined && { ...declined, reason: '' } },
    runs: flow.runs.map((run) =>
      run.state === 'job' ? { ...run, job: { ...run.job, outputs: [], missing: [], error: null } } : run,
    ),
    shown: {
      look: null,
      note: null,
      words: null,
      reason: flow.shown.reason && { code: flow.shown.reason.code },
      results: [],
      sentAhead: [],
    },
    wait: { claim: null },
  });
}
