import { change } from '../change.ts';
import type { Step } from '../events.ts';
import type { Flow } from '../flow.ts';
import { creditsOf, jobsOf, runsIn, withState } from '../runs.ts';
import { times } from '../times.ts';
import { delivered, toDelivering } from './delivering.ts';
import { toQuoting } from './quoting.ts';
import { foundLate, later } from './running.ts';
import { fail, type StageStep, show, stay, withNotice } from './stage.ts';

/** The answer was lost, or waiting took too long: a person decides whether to check or to start again. */
export const unclear: StageStep = (flow, event, now, pollMs) => {
  const hasJobs = jobsOf(flow).length > 0;
  switch (event.type) {
    case 'submitted':
    case 'found':
      return foundLate(flow, event, now, pollMs);
    case 'submitRefused': {
      // The refusal came after all: it proves that nothing was started.
      const runs = withState(flow.runs, { state: 'unclear', call: event.call }, 'refused');
      if (hasJobs || runsIn({ runs }, 'unclear').length > 0) return stay(flow);
      return fail(change(flow, { runs, wait: { submittedAt: null } }), event.reason, now);
    }
    case 'posted':
      // It went out at the very moment the waiting for it came to its end.
      return hasJobs ? delivered(flow, event, now) : stay(flow);
    case 'notFound':
      return show(withNotice(flow, event.hasHistory ? 'notFound' : 'noHistory'));
    case 'checkFailed':
      return show(withNotice(flow, 'away'));
    case 'pressed':
      if (event.action === 'check') return check(flow, now);
      // Only where no job is known: a known job is paid for, and must not be dropped.
      return event.action === 'again' && !hasJobs ? startAgain(flow, now) : show(flow);
    default:
      return stay(flow);
  }
};

function check(flow: Flow, now: number): Step {
  const jobs = jobsOf(flow);
  if (jobs.some((job) => job.status === 'running')) return checkAgain(flow, now);
  // What can be shown is shown before anything else is looked for.
  if (jobs.some((job) => job.status === 'completed')) return toDelivering(flow, now);
  return runsIn(flow, 'unclear').length > 0 ? stay(flow, [{ do: 'lookUp' }]) : toDelivering(flow, now);
}

function startAgain(flow: Flow, now: number): Step {
  const { writtenOff } = flow.money;
  return toQuoting(flow, now, {
    runs: withState(flow.runs, {}, 'waiting'),
    endedAt: null,
    money: { quote: null, heldAt: null, writtenOff: writtenOff + creditsOf(runsIn(flow, 'unclear')) },
    // What is started once more is paid once more.
    approval: { approved: null },
    shown: { reason: null, notice: null },
    wait: { submittedAt: null, answer: 'awaited', claim: null, running: null },
  });
}

function checkAgain(flow: Flow, now: number): Step {
  const running = change(flow, {
    stage: 'running',
    endedAt: null,
    shown: { reason: null },
    wait: { giveUpAt: now + times.runningGivesUp },
  });
  return show(later(running, now, 0), [{ do: 'check' }]);
}
