import { expect, test } from 'vitest';
import { AccountUse } from '../../src/engine/accountUse.ts';
import { renderCard } from '../../src/flows/card.ts';
import { step } from '../../src/flows/step.ts';
import { entriesOf } from '../../src/guilds/entries.ts';
import { runWithJob, someFailedFlow, someFlow } from '../flows.ts';

const minute = 60_000;
const running = (id: string, account = 'default') => ({
  ...someFlow({ runs: [runWithJob(`job-${id}`)] }),
  id,
  account,
});
const over = (id: string) => ({ ...someFlow({ runs: [runWithJob(`job-${id}`, { status: 'failed' })] }), id });

/** What an account is used for, by a clock that is set by hand. */
function someUse() {
  let now = 0;
  const use = new AccountUse(() => now);
  return { use, at: (time: number) => (now = time) };
}

test('a flow is alone while no other has a job on its account', () => {
  const { use, at } = someUse();
  at(10 * minute);
  use.note(running('one'));
  use.note(running('two', 'other-account'));
  expect(use.wasAlone(running('one'), 10 * minute)).toBe(true);
  use.note(running('three'));
  expect(use.wasAlone(running('one'), 10 * minute)).toBe(false);
});

test('one whose start is unclear counts as long as it is', () => {
  const { use } = someUse();
  const [run] = someFlow().runs;
  if (!run) throw new Error('no run');
  use.note({ ...someFlow({ runs: [{ ...run, state: 'unclear' }] }), id: 'two' });
  expect(use.wasAlone(running('one'), 60 * minute)).toBe(false);
});

test('one that has ended counts for five minutes more, whatever ended after it; a flow’s own end does not count', () => {
  const { use, at } = someUse();
  for (const id of ['one', 'two']) use.note(running(id));
  at(10 * minute);
  use.note(over('two'));
  at(11 * minute);
  use.note(over('one'));
  expect(use.wasAlone(over('one'), 15 * minute)).toBe(false);
  expect(use.wasAlone(over('one'), 15 * minute + 1)).toBe(true);
});

test('what was before the bot ran is not known', () => {
  const { use } = someUse();
  expect(use.wasAlone(running('one'), 5 * minute - 1)).toBe(false);
  expect(use.wasAlone(running('one'), 5 * minute)).toBe(true);
});

const failed = someFailedFlow();
const told = (flow: typeof failed) => renderCard(flow, 0).embeds[0]?.description ?? '';

test.each([
  ['cameBack', 'The 7 credits came back'],
  ['stayedAway', 'The 7 credits did not come back'],
] as const)('the balance says %s: on the card, not in the ledger', (refund, sentence) => {
  const { flow, effects } = step(failed, { type: 'refundChecked', isUncharged: false, refund }, 2);
  expect(told(flow)).toContain(sentence);
  expect(effects).toEqual([{ do: 'draw' }]);
  expect(entriesOf(flow)).toEqual(entriesOf(failed));
  expect(entriesOf(flow)[0]?.state).toBe('unclear');
});

test('the platform says that nothing was taken: on the card, and in the ledger', () => {
  const { flow } = step(failed, { type: 'refundChecked', isUncharged: true, refund: null }, 2);
  expect(told(flow)).toContain('Nothing was charged.');
  expect(entriesOf(flow)[0]?.state).toBe('released');
});

test('what ended in another way is not changed by it', () => {
  const event = { type: 'refundChecked' as const, isUncharged: true, refund: null };
  for (const stage of ['delivered', 'cancelled', 'expired', 'unclear', 'running'] as const) {
    const flow = someFlow({ ...failed, stage });
    expect(step(flow, event, 2)).toEqual({ flow, effects: [] });
  }
  const refused = someFlow({ ...failed, shown: { reason: { code: 'moderation' } } });
  expect(step(refused, event, 2)).toEqual({ flow: refused, effects: [] });
});

test('the card is found deleted: its end is told in a new message, but not again for what became of the credits', () => {
  const { flow, effects } = step(failed, { type: 'cardLost' }, 2);
  expect(effects).toEqual([{ do: 'draw' }]);
  expect(step(flow, { type: 'cardLost' }, 3).effects).toEqual([]);
  const event = { type: 'refundChecked' as const, isUncharged: false, refund: 'cameBack' as const };
  expect(step(flow, event, 3).effects).toEqual([]);
  expect(step(step(failed, event, 2).flow, { type: 'cardLost' }, 3).effects).toEqual([]);
});
