import { change } from './change.ts';
import type { Flow } from './flow.ts';
import { nextCall, withState } from './runs.ts';

/**
 * A flow as it goes on from a backup. Whether what was confirmed then was started since, nobody knows: it is looked for in
 * the account's history and becomes unclear where it is not found, as after a kill in the middle of a start. It is not
 * started by itself, because it might be paid for twice.
 */
export function asRestored(flow: Flow): Flow {
  const call = nextCall(flow);
  const { confirmed } = flow.money;
  const wouldStart = flow.stage === 'queued' || flow.stage === 'quoting';
  if (!wouldStart || !confirmed || call === undefined) return flow;
  return change(flow, {
    stage: 'submitting',
    runs: withState(flow.runs, { state: 'waiting', call }, 'begun'),
    money: { heldAt: flow.money.heldAt ?? confirmed.at },
    wait: { submittedAt: confirmed.at, answer: 'awaited', claim: null, lookUps: 0, position: null },
  });
}
