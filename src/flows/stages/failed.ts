import { change } from '../change.ts';
import { chargedFor, withNews } from '../runs.ts';
import { type StageStep, show, stay } from './stage.ts';

/** It ended without a result. Whether the credits came back may be known only a little later. */
export const failed: StageStep = (flow, event) => {
  if (event.type !== 'refundChecked' || flow.shown.reason?.code !== 'jobFailed') return stay(flow);
  const { isUncharged, refund } = event;
  const runs = isUncharged ? withNews(flow.runs, (job) => ({ ...job, charged: 0 })) : flow.runs;
  const known = change({ ...flow, runs }, { money: { charged: chargedFor({ runs }), refund } });
  // What was taken away is not shown again for this.
  const { card, shown } = flow;
  return card.lost || shown.deletedAt !== null ? stay(known) : show(known);
};
