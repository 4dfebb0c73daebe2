import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Runner } from '../../src/engine/runner.ts';
import type { Effect } from '../../src/flows/events.ts';
import { jobsOf, withState } from '../../src/flows/runs.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
import { placeOf, presser, someFlow } from '../flows.ts';
import { recordsOn } from '../records.ts';

/** A store that fails for a while. */
class Flaky extends Map<string, unknown> {
  failures = 0;

  override get(key: string): unknown {
    if (this.failures > 0) {
      this.failures--;
      throw new Error('away');
    }
    return super.get(key);
  }
}

/** A runner over a store, and what it was asked to do. */
function startRunner(flaky: Flaky): { runner: Runner; done: Effect['do'][]; listed(): Promise<string[]> } {
  const log = createLogger('silent');
  const store = new Store(new Keyv({ store: flaky, throwOnErrors: true }), log);
  const done: Effect['do'][] = [];
  const records = recordsOn(store);
  const runner = new Runner({
    records,
    clock: systemClock,
    log,
    pollMs: 5000,
    waitFactor: 0.001,
    cards: { known: () => [], lookOf: () => undefined },
    onSaved: [],
    act: async (effect) => void done.push(effect.do),
  });
  return { runner, done, listed: () => records.openIn(someFlow().guild ?? '') };
}

test('however long the store is away, what happened is not lost; whoever waits for an answer is told after a while', async () => {
  const flaky = new Flaky();
  const { runner, done } = startRunner(flaky);
  const wait = { submittedAt: 1, giveUpAt: Date.now() + 1_000_000 };
  const flow = someFlow({ stage: 'submitting', runs: withState(someFlow().runs, {}, 'begun'), wait });
  await runner.add(flow);
  flaky.failures = 9;
  await expect(runner.send(flow.id, { type: 'resumed' })).rejects.toThrow('away');
  flaky.failures = 100;
  runner.post(flow.id, { type: 'submitted', call: 1, jobs: ['job-1'], seconds: 3 });
  // Its turn comes after the one before.
  const after = await runner.send(flow.id, { type: 'resumed' });
  expect(flaky.failures).toBe(0);
  expect(after && jobsOf(after).map(({ id }) => id)).toEqual(['job-1']);
  expect(done).toContain('draw');
  await runner.stop(100);
});

test('a press on a card that has just appeared finds its flow, although that is still being saved', async () => {
  const { runner } = startRunner(new Flaky());
  const kept = runner.add(someFlow());
  const press = { type: 'pressed', action: 'cancel', by: presser(), at: placeOf(someFlow()), label: 'Cancel' } as const;
  expect((await runner.press(someFlow().id, press))?.flow).toMatchObject({ id: someFlow().id });
  await kept;
  await runner.stop(100);
});

test('cancelled before the bot knew its card, and the process ended: the next start finds the card and draws it', async () => {
  const flaky = new Flaky();
  const { runner, listed } = startRunner(flaky);
  const flow = someFlow({ card: { message: null } });
  const press = { type: 'pressed', action: 'cancel', by: presser(), at: placeOf(someFlow()), label: 'Cancel' } as const;
  await runner.add(flow);
  expect((await runner.press(flow.id, press))?.flow.stage).toBe('cancelled');
  expect(await listed()).toEqual([flow.id]);

  const next = startRunner(flaky);
  await next.runner.resume([flow.guild ?? '']);
  expect(next.done).toContain('findCard');
  await next.runner.send(flow.id, { type: 'cardPosted', message: '7' });
  expect(next.done.at(-1)).toBe('draw');
  expect(await next.listed()).toEqual([flow.id]);

  // Where Discord has no such card, nothing is left to be drawn.
  const other = { ...flow, id: 'b2b2b2b2', stage: 'cancelled' as const };
  await next.runner.add({ ...other, stage: 'quoting' });
  await next.runner.press(other.id, press);
  await next.runner.send(other.id, { type: 'neverShown' });
  expect(await next.listed()).toEqual([flow.id]);
});
