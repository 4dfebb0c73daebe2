import { expect, test } from 'vitest';
import { Lines } from '../../src/engine/lines.ts';
import { change } from '../../src/flows/change.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { jobLimit, type Limits, plan, type Standing, standingOf, startLimit, withOffer } from '../../src/flows/line.ts';
import { withState } from '../../src/flows/runs.ts';
import { step } from '../../src/flows/step.ts';
import { times } from '../../src/flows/times.ts';
import { MovableClock } from '../clock.ts';
import { someFlow, someQuote, someWideFlow } from '../flows.ts';

const now = 1_000_000;
const minute = 60_000;
const window = 62_000;

const waits = (id: string, person: string, since = now, jobs = 1): Standing => ({
  id,
  person,
  held: 0,
  waiting: { jobs, since, position: null },
  offeredAt: null,
  starts: [],
});
const runs = (id: string, person: string, held = 1, starts: number[] = []): Standing => ({
  id,
  person,
  held,
  waiting: null,
  offeredAt: null,
  starts,
});
const limits = (jobs: number, starts = 1000): Limits => ({
  room: [jobLimit(jobs)],
  pace: [startLimit({ cap: starts, interval: window })],
});
const many = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i));

test('as many may start as there is room for; the others have positions from 1 on', () => {
  const line = many(5, (index) => waits(`flow-${index}`, `person-${index}`, now + index));
  const { offers, positions, nextAt } = plan([runs('at work', 'ada', 2), ...line], limits(4), now);
  expect(offers).toEqual(['flow-0', 'flow-1']);
  expect([...positions]).toEqual([
    ['flow-2', 1],
    ['flow-3', 2],
    ['flow-4', 3],
  ]);
  expect(nextAt).toBe(Number.POSITIVE_INFINITY);
});

test('whoever has least under way comes next, and for each person the first confirmed first', () => {
  const line = [
    runs('ada at work', 'ada', 2),
    runs('ben at work', 'ben', 1),
    waits('ada 2', 'ada', now + 1),
    waits('ada 1', 'ada', now),
    waits('ben 1', 'ben', now + 2),
    waits('ben 2', 'ben', now + 3),
    waits('cem 1', 'cem', now + 4),
  ];
  const { positions } = plan(line, limits(3), now);
  // Cem has none, then Ben has one; by then both have as many as Ada, so the first confirmed goes on.
  expect([...positions.keys()]).toEqual(['cem 1', 'ben 1', 'ada 1', 'ben 2', 'ada 2']);
});

test('a flow of which some calls were made already goes before all others', () => {
  const line = [waits('first', 'ben', 1), { ...waits('begun', 'ada', 0), held: 5 }];
  expect(plan(line, limits(6), now).offers).toEqual(['begun']);
});

test('two that were confirmed at the same moment keep their order, whichever is known first', () => {
  const line = [waits('b', 'ben'), waits('a', 'ada'), waits('c', 'cem')];
  for (const some of [line, [...line].reverse()])
    expect([...plan(some, limits(0), now).positions.keys()].at(-1)).toBe('c');
  expect(plan(line, limits(1), now).offers).toEqual(plan([...line].reverse(), limits(1), now).offers);
});

test('a flow that starts more jobs than there is room for waits, and nobody passes it', () => {
  const line = [runs('at work', 'ada', 2), waits('wide', 'ben', now, 3), waits('small', 'cem', now + 1)];
  expect([...plan(line, limits(4), now).positions]).toEqual([
    ['wide', 1],
    ['small', 2],
  ]);
});

test('a flow that starts more jobs than are ever allowed goes once nothing else runs', () => {
  const wide = waits('wide', 'ben', now, 8);
  expect(plan([wide], limits(5), now).offers).toEqual(['wide']);
  expect(plan([runs('at work', 'ada'), wide], limits(5), now).offers).toEqual([]);
});

test('what was offered counts before any record tells of it', () => {
  const line = [waits('a', 'ada'), waits('b', 'ben', now + 1)];
  const { offers } = plan(line, limits(1), now);
  expect(offers).toEqual(['a']);
  const after = plan(
    line.map((standing) => (offers.includes(standing.id) ? withOffer(standing, now) : standing)),
    limits(1),
    now,
  );
  expect(after.offers).toEqual([]);
  expect([...after.positions]).toEqual([['b', 1]]);
});

test('a minute’s starts are counted over 62 seconds, also those of flows that have ended; who waits for it has no position', () => {
  const ended = runs('ended', 'ada', 0, [now - 61_999, now - 30_000]);
  const line = [ended, waits('a', 'ada'), waits('b', 'ben', now + 1)];
  const early = plan(line, limits(10, 2), now);
  expect(early).toEqual({ offers: [], positions: new Map(), nextAt: now + 1 });
  expect(plan(line, limits(10, 2), now + 1)).toEqual({ offers: ['a'], positions: new Map(), nextAt: now + 32_000 });
});

test('who waits for the minute keeps its room: those behind wait in line', () => {
  const line = [runs('at work', 'ada', 1, [now]), waits('next', 'ada', now), waits('last', 'ada', now + 1)];
  expect(plan(line, limits(2, 1), now)).toEqual({
    offers: [],
    positions: new Map([['last', 1]]),
    nextAt: now + window,
  });
});

test('never more starts in any 62 seconds than allowed, however long the line', () => {
  const { cap, starts } = { cap: 5, starts: [] as number[] };
  let line = many(23, (index) => waits(`flow-${index}`, `person-${index % 3}`, now + index));
  for (let at = now; starts.length < 23; ) {
    const { offers, nextAt } = plan(line, limits(1000, cap), at);
    starts.push(...offers.map(() => at));
    line = line.map((one) => (offers.includes(one.id) ? runs(one.id, one.person, 1, [at]) : one));
    at = Math.max(at, nextAt === Number.POSITIVE_INFINITY ? at : nextAt);
  }
  for (const at of starts)
    expect(starts.filter((one) => one >= at && one < at + window).length).toBeLessThanOrEqual(cap);
  expect((starts.at(-1) ?? 0) - now).toBe(4 * window);
});

test('where the platform allowed less than it says, one more is tried every minute', () => {
  const line = [runs('at work', 'ada', 3), waits('a', 'ben'), waits('b', 'cem', now + 1)];
  const seen = (at: number) => plan(line, { room: [jobLimit(5, { jobs: 3, at: now })], pace: [] }, at);
  expect(seen(now)).toMatchObject({ offers: [], nextAt: now + minute });
  expect(seen(now + minute)).toMatchObject({ offers: ['a'], nextAt: now + 2 * minute });
  expect(seen(now + 2 * minute).offers).toEqual(['a', 'b']);
  // Never more than is published.
  const full = [runs('at work', 'ada', 5), waits('a', 'ben')];
  expect(plan(full, { room: [jobLimit(5, { jobs: 3, at: now })], pace: [] }, now + 60 * minute)).toMatchObject({
    offers: [],
    nextAt: Number.POSITIVE_INFINITY,
  });
});

test('one more kind of limit is one more function in a list', () => {
  const noMoreThanTwo: Limits = { room: [jobLimit(10), (_next, line) => (line.length > 3 ? Infinity : now)], pace: [] };
  expect(
    plan(
      many(3, (index) => waits(`flow-${index}`, 'ada')),
      noMoreThanTwo,
      now,
    ).offers,
  ).toHaveLength(3);
  expect(
    plan(
      many(4, (index) => waits(`flow-${index}`, 'ada')),
      noMoreThanTwo,
      now,
    ).offers,
  ).toEqual([]);
});

test('how a flow stands: its jobs at work, what it waits for, and its starts for as long as they count', () => {
  const queued = someFlow({
    stage: 'queued',
    money: { confirmed: { by: '1000', credits: 4, at: now } },
    wait: { position: 7 },
  });
  expect(standingOf(queued, undefined, 0)).toEqual({
    ...waits(queued.id, queued.requester),
    waiting: { jobs: 1, since: now, position: 7 },
  });
  // Refused a moment ago: it waits for its next wake-up first.
  expect(standingOf(change(queued, { shown: { notice: 'busy' } }), undefined, 0)?.waiting).toBeNull();
  const wide = someWideFlow({ stage: 'submitting', wait: { submittedAt: now } });
  const submitting = { ...wide, runs: withState(wide.runs, {}, 'begun') };
  const begun = standingOf(submitting, undefined, 0);
  expect(begun).toEqual(runs(queued.id, queued.requester, 3, [now]));
  const delivered = someFlow({ stage: 'delivered', wait: { submittedAt: now } });
  expect(standingOf(delivered, begun, now - 1)).toEqual(runs(queued.id, queued.requester, 0, [now]));
  expect(standingOf(delivered, begun, now)).toBeUndefined();
  expect(standingOf(someFlow(), undefined, 0)).toBeUndefined();
});

/** The lines of all accounts and their flows, told of everything in turn as the runner does. */
class Stand {
  readonly clock = new MovableClock();
  readonly flows = new Map<string, Flow>();
  readonly offers: string[] = [];
  readonly positions: { id: string; position: number }[] = [];
  readonly #events: (() => void)[] = [];
  readonly lines = new Lines({
    clock: this.clock,
    shareOf: () => 1,
    offer: (id) => {
      this.offers.push(id);
      this.#events.push(() => this.#step(id, { type: 'slotFree' }));
    },
    position: (id, position) => {
      this.positions.push({ id, position });
      this.#events.push(() => this.#step(id, { type: 'positioned', position }));
    },
  });

  constructor() {
    this.lines.open();
  }

  save(flow: Flow): void {
    const before = this.flows.get(flow.id) ?? flow;
    this.flows.set(flow.id, flow);
    this.lines.onSaved(before, flow, { type: 'woke' });
  }

  /** Lets happen what is under way. */
  settle(): void {
    for (let next = this.#events.shift(); next; next = this.#events.shift()) next();
  }

  inStage(stage: Flow['stage']): Flow[] {
    return [...this.flows.values()].filter((flow) => flow.stage === stage);
  }

  #step(id: string, event: Parameters<typeof step>[1]): void {
    const flow = this.flows.get(id);
    const next = flow && step(flow, event, this.clock.now()).flow;
    if (next && next !== flow) this.save(next);
  }
}

const confirmed = (stand: Stand, id: string, quotedAgo = 0): Flow => {
  const at = stand.clock.now();
  return someFlow({
    id,
    stage: 'queued',
    requester: id,
    money: {
      quote: { ...someQuote, credits: 4, at: at - quotedAgo, until: at + times.quoteHolds },
      confirmed: { by: id, credits: 4, at },
    },
    wait: { nextCheckAt: at + times.queueCheck, giveUpAt: at + times.queueGivesUp },
  });
};

test('many who confirm at the same moment are told their positions once, not over and over', () => {
  const stand = new Stand();
  const flows = many(40, (number) => confirmed(stand, `flow-${number}`));
  for (const flow of flows)
    stand.save(change(flow, { money: { confirmed: { by: flow.id, credits: 4, at: stand.clock.now() } } }));
  stand.settle();
  expect(stand.inStage('submitting')).toHaveLength(10);
  const positions = stand.inStage('queued').map(({ wait }) => wait.position);
  expect(positions.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(many(30, (index) => index + 1));
  expect(stand.positions).toHaveLength(30);
});

test('a flow whose price has to be read again is offered its start once, whatever happens to it meanwhile', () => {
  const stand = new Stand();
  const flow = confirmed(stand, 'flow', times.priceFresh + 1);
  stand.save(flow);
  // Something else happens to it before it hears of the offer.
  stand.save(change(flow, { wait: { position: 1 } }));
  expect(stand.offers).toEqual(['flow']);
  stand.settle();
  expect(stand.flows.get('flow')?.stage).toBe('quoting');
});

test('reading a price again uses up no start of the minute', () => {
  const stand = new Stand();
  for (let number = 0; number < 40; number++) stand.save(confirmed(stand, `stale-${number}`, times.priceFresh + 1));
  stand.settle();
  expect(stand.inStage('quoting')).toHaveLength(40);
  stand.save(confirmed(stand, 'fresh'));
  stand.settle();
  expect(stand.flows.get('fresh')?.stage).toBe('submitting');
});

test('a line that was empty for a moment still knows how many it started in this minute; then the next one starts by itself', async () => {
  const stand = new Stand();
  for (let number = 0; number < 30; number++) {
    stand.save(confirmed(stand, `flow-${number}`));
    stand.settle();
    const [begun] = stand.inStage('submitting');
    if (begun)
      stand.save(change(begun, { stage: 'delivered', wait: { nextCheckAt: null }, endedAt: stand.clock.now() }));
  }
  expect(stand.inStage('delivered')).toHaveLength(30);
  stand.save(confirmed(stand, 'one too many'));
  stand.settle();
  expect(stand.flows.get('one too many')).toMatchObject({ stage: 'queued', wait: { position: null } });
  stand.clock.advance(window);
  await expect.poll(() => stand.offers.at(-1)).toBe('one too many');
  stand.settle();
  expect(stand.flows.get('one too many')?.stage).toBe('submitting');
});

test('refused as too busy: no more than ran at that moment, and one more after a minute', async () => {
  const stand = new Stand();
  for (let number = 0; number < 4; number++) stand.save(confirmed(stand, `flow-${number}`));
  stand.settle();
  const refused = stand.flows.get('flow-3') ?? confirmed(stand, 'flow-3');
  stand.save(
    change(refused, {
      stage: 'queued',
      runs: withState(refused.runs, {}, 'waiting'),
      shown: { notice: 'busy' },
      wait: { submittedAt: null },
    }),
  );
  stand.save(confirmed(stand, 'next'));
  stand.settle();
  expect(stand.flows.get('next')).toMatchObject({ stage: 'queued', wait: { position: 1 } });
  stand.clock.advance(minute);
  await expect.poll(() => stand.offers.at(-1)).toBe('next');
});

test('a flow whose record is gone frees its slots', () => {
  const stand = new Stand();
  for (let number = 0; number < 11; number++) stand.save(confirmed(stand, `flow-${number}`));
  stand.settle();
  const [waiting] = stand.inStage('queued');
  stand.lines.forget(stand.inStage('submitting')[0]?.id ?? '');
  expect(stand.offers.at(-1)).toBe(waiting?.id);
});

test('a wake-up that comes when the flow has moved on does nothing: no look-up for a start that is under way', () => {
  const stand = new Stand();
  const at = stand.clock.now();
  const begun = step(confirmed(stand, 'flow'), { type: 'slotFree' }, at);
  expect(begun.effects).toContainEqual({ do: 'submit', call: 1 });
  const woken = step(begun.flow, { type: 'woke' }, at + 1);
  expect(woken).toEqual({ flow: begun.flow, effects: [] });
});
