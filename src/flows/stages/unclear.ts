import { creditsPerJob, type Flow } from '../flow.ts';
import { times } from '../times.ts';
import { delivered, toDelivering } from './delivering.ts';
import { toQuoting } from './quoting.ts';
import { foundLate, later } from './running.ts';
import { fail, type StageStep, show, stay } from './stage.ts';

/** The answer was lost, or the waiting came to its end: a person decides whether to check or to start again. */
export const unclear: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'submitted':
    case 'found':
      return foundLate(flow, event.jobs, now, pollMs);
    case 'submitRefused':
      // The refusal came after all: it proves that nothing was started.
      if (event.start !== flow.begun || flow.jobs.length > 0) return stay(flow);
      return fail({ ...flow, unclear: 0, submittedAt: null }, event.reason, now);
    case 'posted':
      // It went out at the very moment the waiting for it came to its end.
      return flow.jobs.length > 0 ? delivered(flow, event, now) : stay(flow);
    case 'notFound':
      return show({ ...flow, notice: event.hasHistory ? 'notFound' : 'noHistory' });
    case 'checkFailed':
      return show({ ...flow, notice: 'away' });
    case 'pressed':
      if (event.action === 'check') {
        if (flow.jobs.some((job) => job.status === 'running')) return checkAgain(flow, now);
        // What can be shown is shown before anything else is looked for.
        if (flow.jobs.some((job) => job.status === 'completed')) return toDelivering(flow, now);
        return flow.unclear > 0 ? stay(flow, [{ do: 'lookUp' }]) : toDelivering(flow, now);
      }
      // Only where no job is known: a known job is paid for, and must not be dropped.
      if (event.action === 'again' && flow.jobs.length === 0) {
        return toQuoting(flow, now, {
          submittedAt: null,
          begun: 0,
          unclear: 0,
          writtenOff: flow.writtenOff + flow.unclear * creditsPerJob(flow),
          answer: 'awaited',
          claim: null,
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

function checkAgain(flow: Flow, now: number) {
  const running: Flow = {
    ...flow,
    stage: 'running',
    reason: null,
    endedAt: null,
    giveUpAt: now + times.runningGivesUp,
  };
  return show(later(running, now, 0), [{ do: 'check' }]);
}
