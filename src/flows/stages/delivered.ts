import { foundLate } from './running.ts';
import { type StageStep, show, stay } from './stage.ts';

/** The result is posted. What is unclear can still be looked for, and joins what is there. */
export const delivered: StageStep = (flow, event, now, pollMs) => {
  if (flow.unclear === 0) return stay(flow);
  switch (event.type) {
    case 'pressed':
      return event.action === 'check' ? stay(flow, [{ do: 'lookUp' }]) : stay(flow);
    case 'submitted':
    case 'found':
      return foundLate(flow, event.jobs, now, pollMs);
    case 'notFound':
      return show({ ...flow, notice: event.hasHistory ? 'notFound' : 'noHistory' });
    case 'checkFailed':
      return show({ ...flow, notice: 'away' });
    default:
      return stay(flow);
  }
};
