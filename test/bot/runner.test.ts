import { Keyv } from 'keyv';
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { FlowRecords } from '../../src/engine/records.ts';
import { Runner } from '../../src/engine/runner.ts';
import type { Effect, Event } from '../../src/flows/events.ts';
import { jobsOf, newJob, withState } from '../../src/flows/runs.ts';
import { confirmLabel } from '../../src/flows/sentences.ts';
import { createLogger } from '../../src/log.ts';
import { Store } from '../../src/state/store.ts';
import { placeOf, presser, runWithJob, someFlow, someModel, someQuote } from '../flows.ts';
import { ManualClock } from '../manualClock.ts';
import { recordsOn } from '../records.ts';

/** A store that fails for a while. */
class Flaky extends Map<string, unknown> {
  failures = 0;
  /** Flows that were written. */
  saves = 0;
  /** Flows that are to be written without an answer. */
  losesAnswers = 0;

  override get(key: string): unknown {
    if (this.failures > 0) {
      this.failures--;
      throw new Error('away');
    }
    return super.get(key);
  }

  override set(key: string, value: unknown): this {
    const isFlow = /:flow:/.test(key);
    if (isFlow) this.saves++;
    super.set(key, value);
    if (isFlow && this.losesAnswers > 0) {
      this.losesAnswers--;
      throw new Error('lost');
    }
    return this;
  }
}

/** A runner over a store, and what it was asked to do. */
function startRunner(
  flaky: Flaky,
  clock: Clock = systemClock,
): { runner: Runner; records: FlowRecords; done: Effect['do'][]; vanished: string[]; listed(): Promise<string[]> } {
  const log = createLogger('silent');
  const store = new Store(new Keyv({ store: flaky, throwOnErrors: true }), log);
  const done: Effect['do'][] = [];
  const vanished: string[] = [];
  const records = recordsOn(store);
  const runner = new Runner({
    records,
    clock,
    log,
    pollMs: 5000,
    waitFactor: 0.001,
    cards: { known: () => [], lookOf: () => undefined },
    onSaved: [],
    act: async (effect) => void done.push(effect.do),
    onVanished: (id) => vanished.push(id),
  });
  return { runner, records, done, vanished, listed: () => records.openIn(someFlow().guild ?? '') };
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

const minute = 60_000;

/** A running flow on a disk, its clock and its runner, after the first look. */
async function startRunning() {
  const disk = new Flaky();
  const clock = new ManualClock();
  const parts = startRunner(disk, clock);
  const { runner } = parts;
  const flow = someFlow({
    stage: 'running',
    reply: { application: '5000', token: 'token', until: clock.time + 60 * minute },
    runs: [runWithJob('job-1')],
    wait: { running: { since: clock.time, seconds: 600 }, nextCheckAt: clock.time, giveUpAt: clock.time + 60 * minute },
  });
  await runner.add(flow);
  const send = (event: Event) => runner.send(flow.id, event);
  const lookedAt = [{ ...newJob('job-1'), isPartial: false }];
  return { ...parts, disk, clock, flow, send, look: () => send({ type: 'checked', jobs: lookedAt }) };
}

test('a look that shows nothing new is not written, however many there are; every five minutes the record catches up', async () => {
  const { disk, clock, send, look } = await startRunning();
  const before = disk.saves;
  const step = async () => {
    clock.moveTo(clock.time + 5_000);
    await send({ type: 'woke' });
    return (await look())?.wait.nextCheckAt;
  };
  for (let looks = 0; looks < 50; looks++) expect(await step()).toBe(clock.time + 5_000);
  expect(disk.saves - before).toBe(0);
  for (let looks = 0; looks < 80; looks++) await step();
  expect(disk.saves - before).toBe(2);
});

test('what happens between two looks does not bring the next one forward', async () => {
  const { clock, flow, runner, send, done } = await startRunning();
  await send({ type: 'woke' });
  const next = clock.time + 5_000;
  const press = { type: 'pressed', action: 'check', by: presser(), at: placeOf(flow), label: 'Check' } as const;
  expect((await runner.press(flow.id, press))?.flow.wait.nextCheckAt).toBe(next);
  clock.moveTo(next - 1);
  await runner.send(flow.id, { type: 'woke' });
  expect(done.filter((effect) => effect === 'check')).toHaveLength(1);
  clock.moveTo(next);
  await runner.quiet(flow.id, 100);
  expect(done.filter((effect) => effect === 'check')).toHaveLength(2);
});

test('a process that died between two looks is followed by one that looks at once', async () => {
  const { disk, clock, flow, send } = await startRunning();
  await send({ type: 'woke' });
  clock.moveTo(clock.time + minute);
  const next = startRunner(disk, clock);
  await next.runner.resume([flow.guild ?? '']);
  clock.moveTo(clock.time + 10);
  await next.runner.quiet(flow.id, 100);
  expect(next.done).toContain('check');
});

test('news is written at once: what a job has, that the platform is away, that it is back', async () => {
  const { disk, send, look } = await startRunning();
  const written = async (event: Event) => {
    const before = disk.saves;
    await send(event);
    return disk.saves - before;
  };
  const away: Event = { type: 'checkFailed', reason: { code: 'outage' } };
  expect(await written(away)).toBe(1);
  const before = disk.saves;
  await look();
  expect(disk.saves - before).toBe(1);
  const job = { ...newJob('job-1'), outputs: [{ url: 'https://media.example/1.png', kind: 'image' as const }] };
  expect(await written({ type: 'checked', jobs: [{ ...job, isPartial: true }] })).toBe(1);
});

test('a request that was kept after all, though people were told that it was not, is over at once', async () => {
  const disk = new Flaky();
  const { runner, listed } = startRunner(disk);
  const flow = someFlow({ card: { message: null } });
  disk.losesAnswers = 7;
  await expect(runner.add(flow)).rejects.toThrow('lost');
  runner.abandon(flow);
  expect((await runner.send(flow.id, { type: 'resumed' }))?.stage).toBe('expired');
  expect(await listed()).toEqual([]);
  await runner.stop(100);
});

test('the record of a new flow is gone before anything has happened to it: its card, which people see, says so', async () => {
  const disk = new Flaky();
  const { runner, vanished } = startRunner(disk);
  const flow = someFlow({ card: { message: null } });
  await runner.add(flow, Promise.resolve('7'));
  disk.clear();
  expect(await runner.send(flow.id, { type: 'started', message: '7' })).toBeUndefined();
  expect(vanished).toEqual([flow.id]);
  await runner.stop(100);
});

test('where approvers were asked is written even while the bot stops', async () => {
  const disk = new Flaky();
  const { runner, records } = startRunner(disk);
  const flow = someFlow({ stage: 'held', approval: { asks: 1, version: 1 }, wait: { giveUpAt: Date.now() + 60_000 } });
  await runner.add(flow);
  const stopped = runner.stop(1_000);
  const message = { channel: '3000', message: '9' };
  runner.post(flow.id, { type: 'askShown', ask: 1, version: 1, message, left: [], posts: 1, problem: null });
  await stopped;
  await runner.quiet(flow.id, 100);
  expect((await records.load(flow.id))?.approval.message).toEqual(message);
});

test('a price is written with the press that follows it, or within a second; a press is written at once', async () => {
  const disk = new Flaky();
  const clock = new ManualClock();
  const { runner } = startRunner(disk, clock);
  const flow = someFlow({ card: { message: null } });
  await runner.add(flow, Promise.resolve('7'));
  const saved = () => JSON.parse(String(disk.get(`keyv:flow:${flow.id}`))).value;
  await runner.send(flow.id, { type: 'started', message: '7' });
  const priced = {
    type: 'priced',
    round: flow.money.round,
    prices: { [someModel.id]: 7 },
    basis: 'list',
    balance: 100,
  } as const;
  expect((await runner.send(flow.id, priced))?.stage).toBe('quoted');
  expect([disk.saves, saved().card.message, saved().stage]).toEqual([1, '7', 'quoting']);

  const at = { ...placeOf(flow), message: '7' };
  const press = { type: 'pressed', action: 'confirm', by: presser(), at, label: confirmLabel(7) } as const;
  expect((await runner.press(flow.id, press))?.flow.stage).toBe('quoting');
  expect([disk.saves, saved().money.confirmed.credits]).toEqual([2, 7]);
  expect((await runner.send(flow.id, { ...priced, round: 1 }))?.stage).toBe('queued');
  expect([disk.saves, saved().stage]).toEqual([2, 'quoting']);
  clock.moveTo(clock.time + 1_000);
  await runner.quiet(flow.id, 100);
  expect([disk.saves, saved().stage]).toEqual([3, 'queued']);
});

test('killed before a price was written: the next start asks for it again; stopped, it is written', async () => {
  const disk = new Flaky();
  const { runner } = startRunner(disk, new ManualClock());
  const flow = someFlow();
  await runner.add(flow);
  const priced = { type: 'priced', round: flow.money.round, prices: { [someModel.id]: 7 }, basis: 'list' } as const;
  expect((await runner.send(flow.id, { ...priced, balance: 100 }))?.stage).toBe('quoted');

  const next = startRunner(disk, new ManualClock());
  await next.runner.resume([flow.guild ?? '']);
  await next.runner.quiet(flow.id, 100);
  expect(next.done).toContain('price');

  await runner.stop(1_000);
  expect(JSON.parse(String(disk.get(`keyv:flow:${flow.id}`))).value.stage).toBe('quoted');
});

test('where a card is, and what approvers were shown, is written at once: a start would not find it again', async () => {
  const disk = new Flaky();
  const { runner } = startRunner(disk, new ManualClock());
  const flow = someFlow({ approval: { asks: 1 } });
  await runner.add(flow);
  const card = { ...flow.card, message: '8' };
  const { saves } = disk;
  await runner.send(flow.id, { type: 'cardMoved', by: flow.requester, card, reply: flow.reply });
  expect(disk.saves).toBe(saves + 1);
  await runner.send(flow.id, {
    type: 'askShown',
    left: [],
    ask: 1,
    version: 0,
    message: { channel: '3000', message: '9' },
    posts: 1,
    problem: null,
  });
  expect(disk.saves).toBe(saves + 2);
});

test('a job that is claimed for a flow is written with it, also where nothing else has changed', async () => {
  const disk = new Flaky();
  const { runner, records } = startRunner(disk, new ManualClock());
  const flow = someFlow({ stage: 'cancelled', endedAt: 1 });
  await runner.add(flow);
  records.claim('job-1', flow.id);
  expect(await records.claimedBy('job-1')).toBe(flow.id);
  await runner.send(flow.id, { type: 'submitted', call: 1, jobs: ['job-1'], seconds: 3 });
  expect(await startRunner(disk).records.claimedBy('job-1')).toBe(flow.id);
});

test('a change that was written although that was not answered goes on with the next press, not an hour later', async () => {
  const disk = new Flaky();
  const clock = new ManualClock();
  const { runner, done } = startRunner(disk, clock);
  const money = { round: 1, quote: { ...someQuote, at: clock.time, until: clock.time + 600_000 } };
  const flow = someFlow({ stage: 'quoted', money, wait: { nextCheckAt: clock.time + 60 * minute } });
  await runner.add(flow);
  // As after a start: it is waited for from here on.
  await runner.send(flow.id, { type: 'resumed' });
  disk.losesAnswers = 9;
  const label = confirmLabel(someQuote.credits);
  const press = { type: 'pressed', action: 'confirm', by: presser(), at: placeOf(flow), label } as const;
  await expect(runner.press(flow.id, press)).rejects.toThrow('lost');
  expect(disk.losesAnswers).toBe(0);
  clock.moveTo(clock.time + minute);
  const again = await runner.press(flow.id, press);
  expect(again?.flow.stage).toBe('quoting');
  clock.moveTo(clock.time + 20);
  await runner.quiet(flow.id, 100);
  expect(done).toContain('price');
});

test('a store that has lost its latest writes does not take a flow back while something is done for it: it is not started twice', async () => {
  const disk = new Flaky();
  const log = createLogger('silent');
  const records = recordsOn(new Store(new Keyv({ store: disk, throwOnErrors: true }), log));
  const started: string[] = [];
  const runner = new Runner({
    records,
    clock: systemClock,
    log,
    pollMs: 5000,
    waitFactor: 0.001,
    cards: { known: () => [], lookOf: () => undefined },
    onSaved: [],
    act: async (effect, { id }) => {
      if (effect.do !== 'submit') return;
      started.push(id);
      disk.clear();
      for (const [key, value] of before) disk.set(key, value);
      // Another one is offered a start, and the answer of the first comes after that.
      runner.post(id, { type: 'slotFree', at: Date.now() });
      runner.post(id, { type: 'submitted', call: 1, jobs: ['job-1'], seconds: 3 });
    },
  });
  const confirmed = { by: '1000', credits: 7, at: Date.now() };
  const money = { round: 1, quote: { ...someQuote, at: Date.now(), until: Date.now() + 600_000 }, confirmed };
  const flow = someFlow({ stage: 'queued', money, wait: { giveUpAt: Date.now() + 1_000_000 } });
  await runner.add(flow);
  const before = [...disk];
  await runner.send(flow.id, { type: 'slotFree', at: Date.now() });
  await runner.quiet(flow.id, 1000);
  expect(started).toEqual([flow.id]);
  expect((await records.load(flow.id))?.stage).toBe('running');
  await runner.stop(100);
});

test('a flow that could not be taken off the list while the store was away is taken off it a minute later', async () => {
  const disk = new Flaky();
  const clock = new ManualClock();
  const { runner, listed } = startRunner(disk, clock);
  const flow = someFlow({ stage: 'cancelled', endedAt: clock.time });
  await runner.add({ ...flow, stage: 'quoting', endedAt: null });
  await runner.add(flow);
  expect(await listed()).toEqual([flow.id]);
  disk.failures = 9;
  runner.close(flow.id);
  await expect.poll(() => disk.failures).toBe(0);
  await runner.quiet(flow.id, 1000);
  expect(await listed()).toEqual([flow.id]);
  clock.moveTo(clock.time + minute);
  await runner.quiet(flow.id, 1000);
  expect(await listed()).toEqual([]);
});
