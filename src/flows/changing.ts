import type { ChangeEvent, Step } from './events.ts';
import type { Flow } from './flow.ts';
import { hasBegun, newRuns } from './runs.ts';
import { toQuoting } from './stages/quoting.ts';

/** What is asked for may be changed for as long as nobody has confirmed its price, and nothing of it was ever started. */
export function mayChange(flow: Flow): boolean {
  const { stage, money, wait } = flow;
  const isUnconfirmed = (stage === 'quoted' || stage === 'quoting') && money.confirmed === null;
  return isUnconfirmed && wait.submittedAt === null && money.writtenOff === 0 && !hasBegun(flow);
}

/**
 * Other words or another model: the price that was shown is void, and the new one is asked for. A change that was worked out
 * before another one came is refused, or it would undo that.
 */
export function changed(flow: Flow, { by, asked, calls, changes }: ChangeEvent, now: number): Step {
  if (!mayChange(flow)) return { flow, effects: [], refused: 'late' };
  if (changes !== flow.asked.changes) return { flow, effects: [], refused: 'changed' };
  const { quote, before } = flow.money;
  return toQuoting(flow, now, {
    asked: { ...asked, changes: changes + 1 },
    runs: newRuns(asked.models[0].id, calls, asked.options),
    spender: by.id === flow.requester ? { ...flow.spender, roles: by.roles } : flow.spender,
    money: { quote: null, before: quote?.credits ?? before, room: null },
    shown: { notice: null, note: null },
  });
}
