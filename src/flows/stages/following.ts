import { change } from '../change.ts';
import type { Event } from '../events.ts';
import type { Flow } from '../flow.ts';
import { withoutTask } from '../runs.ts';
import { running } from './running.ts';
import type { StageStep } from './stage.ts';
import { submitting, watch } from './submitting.ts';

/**
 * Kubeez is working. Where a start was answered with a task, the end of the task is what came of the start: it is treated
 * like an answer that came late, with all that holds for one that says no, or says nothing.
 */
export const following: StageStep = (flow, event, now, pollMs) => {
  const unanswered = beforeItsTask(flow, event, now);
  return unanswered ? submitting(unanswered, event, now, pollMs) : running(flow, event, now, pollMs);
};

/** The flow as its call waited for its answer; undefined where an event is not of a call with a task that goes on. */
function beforeItsTask(flow: Flow, event: Event, now: number): Flow | undefined {
  if (event.type !== 'submitted' && event.type !== 'submitRefused' && event.type !== 'answerLost') return undefined;
  const runs = withoutTask(flow.runs, event.call);
  if (runs === flow.runs) return undefined;
  return change(flow, {
    stage: 'submitting',
    runs,
    shown: { notice: null },
    wait: { answer: 'awaited', claim: null, lookUps: 0, failedReads: 0, nextCheckAt: now + watch(flow) },
  });
}
