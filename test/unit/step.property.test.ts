import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Effect, type Event, type PressEvent, type Presser, presses } from '../../src/flows/events.ts';
import { type Flow, flowSchema, isOpen, isTerminal, stages } from '../../src/flows/flow.ts';
import { step } from '../../src/flows/step.ts';
import { placeOf, presser, someFlow, someUploadFlow, someVariedFlow } from '../flows.ts';

const codes = [
  'outage',
  'busy',
  'invalid',
  'moderation',
  'unauthorized',
  'insufficient',
  'modelGone',
  'noPrice',
] as const;
const reason = fc.constantFrom(...codes).map((code) => ({ code }));
const credits = fc.constantFrom(5, 7, 9);
const file = fc.record({
  url: fc.constant('https://media.example/1.png'),
  kind: fc.constantFrom('image' as const, 'video' as const),
  name: fc.constant('one.png'),
  unreadable: fc.boolean(),
  unmeasured: fc.boolean(),
});
const someStart = fc.constantFrom(1, 2, 3);
const jobState = fc.constantFrom('running' as const, 'completed' as const, 'failed' as const);

const sentMessage = { channel: '6000', message: '6001' };

/** Anything the outside world can say, at any time, fitting or not. */
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event>(
    { type: 'started', message: '4000' },
    { type: 'resumed' },
    { type: 'woke' },
    { type: 'slotFree' },
    { type: 'notFound', hasHistory: true },
    { type: 'notFound', hasHistory: false },
    { type: 'checkFailed', reason: { code: 'outage' } },
    { type: 'uploadUnread', reason: { code: 'busy' } },
    { type: 'cardLost' },
    { type: 'neverShown' },
    { type: 'linkNotSent', explained: null },
    { type: 'linkNotSent', explained: sentMessage },
    { type: 'linkSent', by: 'dm', explained: sentMessage, link: sentMessage },
    { type: 'uploadOpened', token: 'token', url: 'https://upload.example/token', direct: null },
    { type: 'found', jobs: ['job-1'] },
    { type: 'cardPosted', message: '4001' },
    {
      type: 'cardMoved',
      by: someFlow().requester,
      card: { ...someFlow().card, message: '4002' },
      reply: someFlow().reply,
    },
    { type: 'filesLookedAt', types: { 'https://cdn.example/1.png?ex=1': 'image/png' } },
    { type: 'filesLookedAt', types: { 'https://cdn.example/1.png?ex=1': null } },
    { type: 'transferred' },
    { type: 'transferFailed' },
  ),
  fc.record({
    type: fc.constant('pressed' as const),
    action: fc.constantFrom(...presses),
    by: fc.constantFrom(presser(), presser(), presser('1001')),
    at: fc.constant(placeOf(someFlow())),
  }),
  fc.record({
    type: fc.constant('priced' as const),
    round: fc.integer({ min: 0, max: 4 }),
    credits,
    basis: fc.constantFrom('list' as const, 'exact' as const, 'pessimistic' as const),
    balance: fc.constantFrom(6, 100),
  }),
  fc.record({ type: fc.constant('priceRefused' as const), round: fc.integer({ min: 0, max: 4 }), reason }),
  fc.record({ type: fc.constant('submitRefused' as const), start: someStart, again: fc.boolean(), reason }),
  fc.record({ type: fc.constant('answerLost' as const), start: someStart, claim: fc.option(reason) }),
  someStart.map<Event>((start) => ({ type: 'submitted', start, jobs: [`job-${start}`], seconds: 3 })),
  fc.record({ type: fc.constant('uploadRefused' as const), reason }),
  fc.record({
    type: fc.constant('uploadSeen' as const),
    files: fc.array(file, { maxLength: 4 }),
    readiness: fc.constantFrom('exact' as const, 'pessimistic' as const),
  }),
  jobState.map<Event>((status) => ({
    type: 'checked',
    jobs: [
      {
        id: 'job-1',
        status,
        outputs: status === 'completed' ? [{ url: 'https://media.example/1.png' }] : [],
        error: null,
        charged: null,
        seed: null,
      },
    ],
  })),
  fc.boolean().map<Event>((again) => ({ type: 'postFailed', again })),
  fc.constant<Event>({ type: 'posted', card: someFlow().card, results: [], replies: [], charged: 7 }),
);

/** One thing after another: an event some time later, perhaps after the process died with the last record saved. */
const happening = fc.record({
  event: anyEvent,
  /** When set, the event is one that fits the stage, or stories would hardly ever get far. */
  fitting: fc.option(fc.nat(), { freq: 8 }),
  later: fc.constantFrom(0, 0, 1000, 61_000, 700_000),
  crash: fc.boolean(),
});
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;
const attachment = { url: 'https://cdn.example/1.png?ex=1', kind: 'image' as const, name: 'one.png' };
const start = fc.constantFrom<Flow>(
  someFlow(),
  someUploadFlow(),
  someUploadFlow({ attachments: [attachment] }),
  someUploadFlow({ attachments: [{ ...attachment, claimedType: 'image/png' }] }),
  someUploadFlow({ inputs: [{ ...attachment, claimedType: '' }] }),
  someVariedFlow(),
);

const press = (action: (typeof presses)[number]): Event => ({
  type: 'pressed',
  action,
  by: presser(),
  at: placeOf(someFlow()),
});
const seenFiles = (count: number): Event => ({
  type: 'uploadSeen',
  readiness: 'exact',
  files: Array.from({ length: count }, () => ({
    url: 'https://media.example/1.png',
    kind: 'image',
    name: 'one.png',
    unreadable: false,
    unmeasured: false,
  })),
});
const doneAll = (flow: Flow): Event => ({
  type: 'checked',
  jobs: flow.jobs.map(({ id }) => ({
    id,
    status: 'completed',
    outputs: [{ url: 'https://media.example/1.png' }],
    error: null,
    charged: 7,
    seed: 1,
  })),
});

/** What usually happens to a flow in a stage. */
function fittingEvents(flow: Flow): Event[] {
  const priced = (amount: number): Event => ({
    type: 'priced',
    round: flow.round,
    credits: amount,
    basis: 'list',
    balance: 100,
  });
  const start = flow.begun;
  switch (flow.stage) {
    case 'uploading':
      return [
        { type: 'filesLookedAt', types: {} },
        { type: 'uploadOpened', token: 'token', url: 'https://upload.example/token', direct: null },
        { type: 'linkSent', by: 'dm', explained: sentMessage, link: sentMessage },
        seenFiles(1),
        seenFiles(3),
        press('done'),
      ];
    case 'quoting':
      return [priced(7), priced(7), priced(7), priced(9)];
    case 'quoted':
      return [press('confirm'), press('confirm'), press('confirm'), press('cancel')];
    case 'queued':
      return [{ type: 'slotFree' }, { type: 'slotFree' }, { type: 'placed', place: 2 }, { type: 'woke' }];
    case 'submitting':
      return [
        { type: 'submitted', start, jobs: [`job-${start}`], seconds: 3 },
        { type: 'answerLost', start, claim: null },
        { type: 'answerLost', start, claim: { code: 'busy' } },
        { type: 'notFound', hasHistory: true },
        { type: 'notFound', hasHistory: false },
        { type: 'found', jobs: [`job-${start}`] },
        { type: 'submitRefused', start, again: true, reason: { code: 'outage' } },
        { type: 'submitRefused', start, again: false, reason: { code: 'moderation' } },
      ];
    case 'running':
      return [{ type: 'woke' }, doneAll(flow), { type: 'checkFailed', reason: { code: 'unauthorized' } }];
    case 'delivering':
      return [
        { type: 'postFailed', again: true },
        { type: 'postFailed', again: false },
        { type: 'posted', card: flow.card, results: [], replies: [], charged: 7 },
      ];
    case 'unclear':
      return [
        press('check'),
        press('again'),
        { type: 'found', jobs: ['job-1'] },
        { type: 'notFound', hasHistory: true },
      ];
    default:
      return [{ type: 'woke' }];
  }
}

interface Seen {
  flow: Flow;
  effects: Effect[];
  event: Event;
  before: Flow;
}

/** Plays a story and hands every step to `look`. */
function play(first: Flow, story: Happening[], look: (seen: Seen) => void): void {
  let flow = first;
  let now = 1000;
  const tell = (event: Event) => {
    const before = flow;
    const next = step(flow, event, now);
    flow = next.flow;
    look({ flow, effects: next.effects, event, before });
  };
  for (const { event, fitting, later, crash } of story) {
    now += later;
    if (crash) {
      // What is left after a kill is the saved text, read back.
      flow = flowSchema.parse(JSON.parse(JSON.stringify(flow)));
      tell({ type: 'resumed' });
    }
    const usual = fittingEvents(flow);
    tell((fitting === null ? undefined : usual[fitting % usual.length]) ?? event);
  }
}

type Pressed = { by: Presser; at: Partial<PressEvent['at']> };

const stories = fc.array(happening, { minLength: 1, maxLength: 60 });
/** As many short stories as fit into a fast lane; the long ones, with the world's faults in them, are the simulator's. */
const runs = { numRuns: 600 };

test('the stories reach every stage', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(start, stories, (first, story) => play(first, story, ({ flow }) => void reached.add(flow.stage))),
    { numRuns: 1000, seed: 1 },
  );
  expect([...reached].sort()).toEqual([...stages].sort());
});

test('paid calls never exceed the quotes that were confirmed at their price', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      let confirmations = 0;
      let paid = 0;
      play(first, story, ({ event, before, flow, effects }) => {
        const isConfirm = event.type === 'pressed' && event.action === 'confirm';
        if (isConfirm && before.stage === 'quoted' && flow.confirmed) confirmations++;
        for (const effect of effects) {
          if (effect.do !== 'submit') continue;
          // A start the platform proved it had not accepted may be made again for the same confirmation.
          paid++;
          expect(flow.stage).toBe('submitting');
          expect(flow.submittedAt).not.toBeNull();
          expect(flow.confirmed?.credits).toBe(flow.quote?.credits);
        }
        if (before.stage === 'submitting' && flow.begun < before.begun) {
          expect(event.type).toBe('submitRefused');
          paid--;
        }
        expect(flow.begun).toBeLessThanOrEqual(flow.starts);
      });
      expect(paid).toBeLessThanOrEqual(confirmations * first.starts);
    }),
    runs,
  );
});

test('what became of every paid call is known, or called unclear; only a person may drop that', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        const isRestart = event.type === 'pressed' && event.action === 'again';
        const isRefused = event.type === 'submitRefused';
        if (flow.stage === 'submitting' || isRestart || isRefused) return;
        // Each call that was made is a job, unclear, or was proven to be none.
        const accounted = flow.jobs.length + flow.unclear + flow.missing;
        if (['running', 'delivering', 'delivered', 'unclear'].includes(flow.stage))
          expect(accounted).toBeGreaterThanOrEqual(flow.begun);
        if (flow.unclear < before.unclear) expect(flow.jobs.length).toBeGreaterThan(before.jobs.length);
        if (flow.unclear > 0) expect(['failed', 'cancelled', 'expired']).not.toContain(flow.stage);
      });
    }),
    runs,
  );
});

test('only whoever started a flow can press its buttons', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow, effects }) => {
        if (event.type !== 'pressed' || event.by.id === before.requester) return;
        expect(flow).toBe(before);
        expect(effects).toEqual([]);
      });
    }),
    runs,
  );
});

test.each([
  ['another person, on the card', { by: presser('1001') }, 'notYours'],
  ['another person, elsewhere', { by: presser('1001'), at: { channel: '3001' } }, 'gone'],
  ['in another server', { at: { guild: '2001' } }, 'gone'],
  ['in a DM of another person', { by: presser('1001'), at: { guild: null } }, 'gone'],
  ['on a card that was left behind', { at: { message: '4001' } }, 'moved'],
] as const)('Confirm is not heard: %s', (_, { by = presser(), at = {} }: Partial<Pressed>, refused) => {
  const flow = someFlow({
    stage: 'quoted',
    quote: { credits: 7, basis: 'list', balance: 100, at: 0, until: 600_000 },
  });
  const event: Event = { type: 'pressed', action: 'confirm', by, at: { ...placeOf(flow), ...at } };
  expect(step(flow, event, 1000)).toEqual({ flow, effects: [], refused });
});

test('a record found in `submitting` is looked up, never submitted', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, effects, event }) => {
        if (before.stage === 'submitting') expect(effects).not.toContainEqual({ do: 'submit' });
        if (event.type === 'resumed') expect(effects).not.toContainEqual({ do: 'submit' });
      });
    }),
    runs,
  );
});

test('ended flows stay as they are', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, flow, effects }) => {
        // What is unclear can still turn up beside a result that is there.
        if (!isTerminal(before) || before.unclear > 0) return;
        expect(flow.stage).toBe(before.stage);
        expect(flow.results).toEqual(before.results);
        // What was pressed before the bot knew its own card is drawn, and a link that came too late is taken back.
        expect(effects.filter((effect) => !['draw', 'endUpload'].includes(effect.do))).toEqual([]);
      });
    }),
    runs,
  );
});

test('every open flow has a next wake-up, and its record can be read back', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ flow }) => {
        if (isOpen(flow)) expect(flow.nextCheckAt).toEqual(expect.any(Number));
        else expect(flow.nextCheckAt).toBeNull();
        expect(flowSchema.parse(JSON.parse(JSON.stringify(flow)))).toEqual(flow);
      });
    }),
    runs,
  );
});

test('every flow ends by itself when nobody and nothing answers', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      let flow = first;
      play(first, story, (seen) => {
        flow = seen.flow;
      });
      let now = 100_000_000;
      for (let wakes = 0; isOpen(flow) && wakes < 20_000; wakes++) {
        now = Math.max(now + 1, flow.nextCheckAt ?? now);
        flow = step(flow, { type: 'woke' }, now, 60_000).flow;
      }
      expect(isOpen(flow)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('a job that was paid for is never dropped', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, flow, event }) => {
        const ids = flow.jobs.map((job) => job.id);
        expect(ids.slice(0, before.jobs.length)).toEqual(before.jobs.map((job) => job.id));
        expect(new Set(ids).size).toBe(ids.length);
        if (event.type === 'submitted' && before.stage === 'submitting')
          expect(ids).toEqual(expect.arrayContaining(event.jobs));
      });
    }),
    runs,
  );
});
