import { runsIn } from '../runs.ts';
import { foundLate } from './running.ts';
import { type StageStep, show, stay, withNotice } from './stage.ts';

/** The result is posted. Unclear jobs can still be looked for, and are added to it. */
export const delivered: StageStep = (flow, event, now, pollMs) => {
  if (runsIn(flow, 'unclear').length === 0) return stay(flow);
  switch (event.type) {
    case 'pressed':
      return event.action === 'check' ? stay(flow, [{ do: 'lookUp' }]) : stay(flow);
    case 'submitted':
    case 'found':
      return foundLate(flow, event, now, pollMs);
    case 'notFound':
      return show(withNotice(flow, event.hasHistory ? 'notFound' : 'noHistory'));
    case 'checkFailed':
      return show(withNotice(flow, 'away'));
    default:
      return stay(flow);
  }
};
