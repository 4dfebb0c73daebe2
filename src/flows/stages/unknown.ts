import { times } from '../times.ts';
import { toDelivering } from './delivering.ts';
import { toQuoting } from './quoting.ts';
import { later, toRunning } from './running.ts';
import { type StageStep, show, stay } from './stage.ts';

/** The answer was lost, or the waiting came to its end: a person decides whether to check or to start again. */
export const unknown: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'submitted':
      return flow.jobs.length === 0 ? toRunning(flow, event.jobs, event.seconds, now, pollMs) : stay(flow);
    case 'found':
      return toRunning(flow, [event.job], null, now, pollMs);
    case 'notFound':
      return show({ ...flow, notice: 'notFound' });
    case 'checkFailed':
      return show({ ...flow, notice: 'away' });
    case 'pressed':
      if (event.action === 'check') {
        if (flow.jobs.length === 0) return stay(flow, [{ do: 'lookUp' }]);
        if (flow.jobs.every((job) => job.status !== 'running')) return toDelivering(flow, now);
        const taken = {
          ...flow,
          stage: 'running' as const,
          reason: null,
          endedAt: null,
          giveUpAt: now + times.runningGivesUp,
        };
        return show(later(taken, now, 0), [{ do: 'check' }]);
      }
      // Only where no job is known: a known job is paid for, and must not be dropped.
      if (event.action === 'again' && flow.jobs.length === 0) {
        return toQuoting(flow, now, { submittedAt: null, reason: null, notice: null, endedAt: null, quote: null });
      }
      return show(flow);
    default:
      return stay(flow);
  }
};
