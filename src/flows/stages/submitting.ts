import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { times } from '../times.ts';
import { toRunning } from './running.ts';
import { fail, park, type StageStep, show, stay } from './stage.ts';

/**
 * The paid call is on its way. It is made once, by the step that led here; a flow found in this stage later is
 * looked up in the account's history, never submitted again.
 */
export const submitting: StageStep = (flow, event, now, pollMs) => {
  switch (event.type) {
    case 'submitted':
      return toRunning(flow, event.jobs, event.seconds, now, pollMs);
    case 'submitRefused':
      if (!event.again) return fail({ ...flow, submittedAt: null }, event.reason, now);
      return show({
        ...flow,
        stage: 'queued',
        submittedAt: null,
        notice: 'busy',
        nextCheckAt: now + times.busyRetry,
        giveUpAt: now + times.queueGivesUp,
      });
    case 'resumed':
    case 'answerLost':
    case 'woke':
      if (now >= flow.giveUpAt) return park(flow, { code: 'lost' }, now);
      return stay({ ...flow, nextCheckAt: now + times.submitWatch }, [{ do: 'lookUp' }]);
    case 'found':
      return toRunning(flow, [event.job], null, now, pollMs);
    case 'notFound':
      return lookAgainOrPark(flow, now);
    default:
      return stay(flow);
  }
};

function lookAgainOrPark(flow: Flow, now: number): Step {
  const pause = times.lookUpPauses[flow.lookUps];
  if (pause === undefined) return park(flow, { code: 'lost' }, now);
  return stay({ ...flow, lookUps: flow.lookUps + 1, nextCheckAt: now + pause });
}
