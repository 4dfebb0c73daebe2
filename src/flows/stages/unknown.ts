import type { Flow } from '../flow.ts';
import { times } from '../times.ts';
import { delivered, toDelivering } from './delivering.ts';
import { toQuoting } from './quoting.ts';
import { later } from './running.ts';
import { type StageStep, show, stay } from './stage.ts';
import { started } from './submitting.ts';

/** Further starts that were never made are left out. */
const unparked = (flow: Flow): Flow => ({ ...flow, missing: flow.starts - 1 });

/** The answer was lost, or the waiting came to its end: a person decides whether to check or to start again. */
export const unknown: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'submitted':
      return flow.jobs.length === 0 ? started(unparked(flow), event, now, pollMs) : stay(flow);
    case 'found':
      return started(unparked(flow), { jobs: [event.job], seconds: null }, now, pollMs);
    case 'posted':
      // It went out at the very moment the waiting for it came to its end.
      return flow.jobs.length > 0 ? delivered(flow, event, now) : stay(flow);
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
        return toQuoting(flow, now, {
          submittedAt: null,
          running: null,
          reason: null,
          notice: null,
          endedAt: null,
          quote: null,
        });
      }
      return show(flow);
    default:
      return stay(flow);
  }
};
