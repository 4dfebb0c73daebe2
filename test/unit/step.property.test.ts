import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayBeUndone } from '../../src/engine/worthSaving.ts';
import type { ApprovalRule } from '../../src/flows/approval.ts';
import { renderAsk } from '../../src/flows/approvalMessage.ts';
import {
  type Answer,
  type AnswerEvent,
  type ChangeEvent,
  type Effect,
  type Event,
  type PressEvent,
  type Presser,
  presses,
} from '../../src/flows/events.ts';
import { type Flow, flowSchema, isOpen, isTerminal, stages } from '../../src/flows/flow.ts';
import type { Payer } from '../../src/flows/payer.ts';
import { leftIn, type Room } from '../../src/flows/room.ts';
import {
  callsOf,
  callUnderWay,
  creditsOf,
  creditsTaken,
  hasBegun,
  jobsOf,
  openTasks,
  type Run,
  runsIn,
  runsOfCall,
} from '../../src/flows/runs.ts';
import { confirmLabel, footerOf, takeLabel } from '../../src/flows/sentences.ts';
import type { SentMessage } from '../../src/flows/sentMessage.ts';
import { step } from '../../src/flows/step.ts';
import {
  otherModel,
  placeOf,
  presser,
  someFlow,
  someFlowOfTwoModels,
  someModel,
  someQuote,
  someUploadFlow,
  someVariedFlow,
  someWideFlow,
} from '../flows.ts';

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
const prices = fc
  .tuple(fc.constantFrom(5, 7, 9), fc.constantFrom(2.5, 3))
  .map(([some, other]) => ({ [someModel.id]: some, [otherModel.id]: other, 'third-model': some }));
const file = fc.record({
  url: fc.constant('https://media.example/1.png'),
  kind: fc.constantFrom('image' as const, 'video' as const),
  name: fc.constant('one.png'),
  unreadable: fc.boolean(),
  unmeasured: fc.boolean(),
});
const someCall = fc.constantFrom(1, 2, 3);
const jobState = fc.constantFrom('running' as const, 'completed' as const, 'failed' as const);

/** A spend limit with room for everything that is asked for. */
const room: Room = { limit: 'server week', scope: 'server', per: 'week', credits: 50, used: 0, until: 1_000_000 };

/** Accounts that may pay: that of the requester, the same as it was connected anew, and that of the server. */
const payers: Payer[] = [
  { account: 'person-1000', connectedAt: 1 },
  { account: 'person-1000', connectedAt: 2 },
  { account: '2000', connectedAt: 3 },
];

/** Whoever asked cannot approve; `1001` and `1002` can. */
const rule: ApprovalRule = { above: 6, kind: null, role: null, approvers: '70', channel: '3001' };
const approver = (id: string) => ({ id, roles: ['70'] });
const cheaper: Answer = { is: 'offer', model: { ...otherModel, id: 'third-model' }, credits: 5 };
const answered = (answer: Answer, ask: number, by: AnswerEvent['by'] = approver('1001')): AnswerEvent => ({
  type: 'answered',
  ask,
  answer,
  by,
  at: { guild: '2000', channel: rule.channel },
});

const sentMessage = { channel: '6000', message: '6001' };

/** An answer that is a task, which has the real one later. */
const inTask = (call: number): Event => ({
  type: 'submitted',
  call,
  jobs: [`task-${call}`],
  seconds: null,
  task: { id: `task-${call}`, pause: 20_000 },
});

/** An answer that has the result itself. */
const withResult = (call: number): Event => ({
  type: 'submitted',
  call,
  jobs: [`job-${call}`],
  seconds: null,
  finished: { outputs: [{ url: 'https://media.example/1.png' }], words: null },
});

/** Anything the outside world can say, at any time, fitting or not. */
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event>(
    { type: 'started', message: '4000' },
    { type: 'resumed' },
    { type: 'woke' },
    { type: 'slotFree' },
    { type: 'slotFree', at: 5 },
    { type: 'limitFull', room },
    { type: 'payerRuledOut' },
    { type: 'notFound', hasHistory: true },
    { type: 'notFound', hasHistory: false },
    { type: 'notFound', hasHistory: true, isCharged: true },
    { type: 'checkFailed', reason: { code: 'outage' } },
    { type: 'uploadUnread', reason: { code: 'busy' } },
    { type: 'cardLost' },
    { type: 'neverShown' },
    { type: 'linkNotSent', explained: null },
    { type: 'linkNotSent', explained: sentMessage },
    { type: 'linkSent', by: 'dm', explained: sentMessage, link: sentMessage },
    { type: 'uploadOpened', token: 'token', url: 'https://upload.example/token', direct: null },
    { type: 'found', jobs: [{ id: 'job-1', model: someModel.id }] },
    { type: 'found', jobs: [{ id: 'job-2', model: otherModel.id }] },
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
    by: fc.constantFrom(presser(), presser(), presser('1001'), { ...presser('1001'), forOthers: true }),
    at: fc.constant(placeOf(someFlow())),
    label: fc.constantFrom('Cancel', ...[5, 7, 9].map(confirmLabel)),
  }),
  fc.record({
    type: fc.constant('priced' as const),
    round: fc.integer({ min: 0, max: 4 }),
    prices,
    basis: fc.constantFrom('list' as const, 'exact' as const, 'pessimistic' as const),
    balance: fc.constantFrom(6, 100, 100),
    room: fc.constantFrom(room, room, room, { ...room, used: 44 }),
    hold: fc.constantFrom(rule, { ...rule, approvers: '71' }),
  }),
  fc.record({
    type: fc.constant('answered' as const),
    ask: fc.constantFrom(1, 1, 2),
    answer: fc.constantFrom<Answer>({ is: 'approve' }, { is: 'approve' }, { is: 'decline', reason: '' }, cheaper),
    by: fc.constantFrom(approver('1000'), approver('1001'), approver('1002'), { id: '1003', roles: [] }),
    at: fc.constantFrom({ guild: '2000', channel: '3001' }, { guild: '2001', channel: '3001' }),
  }),
  fc.record({
    type: fc.constant('askShown' as const),
    ask: fc.constantFrom(1, 2),
    version: fc.integer({ min: 0, max: 9 }),
    message: fc.constantFrom({ channel: '3001', message: '4444' }, null),
    left: fc.constant<SentMessage[]>([{ channel: '3002', message: '4443' }]),
    posts: fc.constantFrom(1, 2),
    problem: fc.constantFrom(null, 'elsewhere' as const, 'nowhere' as const),
  }),
  fc.record({ type: fc.constant('priceRefused' as const), round: fc.integer({ min: 0, max: 4 }), reason }),
  fc.record({ type: fc.constant('submitRefused' as const), call: someCall, again: fc.boolean(), reason }),
  fc.record({ type: fc.constant('answerLost' as const), call: someCall, claim: fc.option(reason) }),
  someCall.map<Event>((call) => ({ type: 'submitted', call, jobs: [`job-${call}`], seconds: 3 })),
  someCall.map<Event>((call) => ({ type: 'submitted', call, jobs: [`job-${call}`, `more-${call}`], seconds: 3 })),
  someCall.map(inTask),
  someCall.map(withResult),
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
        missing: [],
        charged: null,
        seed: null,
        isPartial: false,
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
  later: fc.constantFrom(0, 0, 1000, 61_000, 700_000, 3_700_000),
  crash: fc.boolean(),
});
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;
const attachment = { url: 'https://cdn.example/1.png?ex=1', kind: 'image' as const, name: 'one.png' };
const start = fc.constantFrom<Flow>(
  someFlow(),
  someUploadFlow(),
  someUploadFlow({ asked: { attachments: [attachment] } }),
  someUploadFlow({ asked: { attachments: [{ ...attachment, claimedType: 'image/png' }] } }),
  someUploadFlow({ asked: { inputs: [{ ...attachment, claimedType: '' }] } }),
  someVariedFlow(),
  someWideFlow(),
  someFlowOfTwoModels(),
);

const press = (action: (typeof presses)[number], label: string = action, footer?: string, by = presser()): Event => ({
  ...(footer === undefined ? {} : { footer }),
  type: 'pressed',
  action,
  by,
  at: placeOf(someFlow()),
  label,
});
/** A press on the price that is on the card. */
const confirm = (flow: Flow, by = presser()) =>
  press('confirm', confirmLabel(flow.money.quote?.credits ?? 0), footerOf(flow), by);
/** Another model or other words, for as many calls as before. */
const changeTo = (flow: Flow, model = otherModel, changes = flow.asked.changes): ChangeEvent => ({
  type: 'changed',
  by: presser(),
  at: { ...placeOf(flow), message: null },
  asked: {
    ...flow.asked,
    models: [{ ...model, needs: flow.asked.models[0].needs }],
    prompt: `${model.name} ${changes}`,
  },
  calls: callsOf(flow),
  changes,
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
  jobs: jobsOf(flow).map(({ id }) => ({
    id,
    status: 'completed',
    outputs: [{ url: 'https://media.example/1.png' }],
    missing: [],
    error: null,
    charged: null,
    seed: 1,
    isPartial: false,
  })),
});

/** What usually happens to a flow in a stage. */
function fittingEvents(flow: Flow): Event[] {
  const priced = (amount: number, more: object = {}): Event => ({
    type: 'priced',
    round: flow.money.round,
    prices: { [someModel.id]: amount, [otherModel.id]: 2.5, 'third-model': amount - 2 },
    basis: 'list',
    balance: 100,
    ...more,
  });
  const call = callUnderWay(flow) ?? 1;
  const model = runsOfCall(flow, call)[0]?.model ?? someModel.id;
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
      return [
        priced(7),
        priced(7),
        priced(7),
        priced(9),
        changeTo(flow),
        ...[7, 7, 7, 9].map((one) => priced(one, { hold: rule })),
        ...payers.map((payer) => priced(7, { payer })),
        priced(7, { payer: payers[0], hold: rule }),
      ];
    case 'quoted':
      return [
        confirm(flow),
        confirm(flow),
        confirm(flow),
        press('cancel'),
        { type: 'woke' },
        changeTo(flow),
        changeTo(flow, someModel),
        changeTo(flow, someModel, 0),
        confirm(flow, { ...presser('1001'), forOthers: true }),
        // What the card showed before it was changed.
        press('confirm', confirmLabel(flow.money.quote?.credits ?? 0), footerOf(someFlow())),
      ];
    case 'held': {
      const { asks, offer } = flow.approval;
      return [
        answered({ is: 'approve' }, asks),
        answered({ is: 'approve' }, asks, approver('1002')),
        answered({ is: 'approve' }, asks, approver('1000')),
        answered(cheaper, asks),
        answered({ is: 'decline', reason: 'no' }, asks),
        press('take', takeLabel(offer?.credits ?? 0)),
        press('wait'),
        press('cancel'),
      ];
    }
    case 'queued':
      return [
        { type: 'slotFree' },
        { type: 'slotFree' },
        { type: 'positioned', position: 2 },
        { type: 'woke' },
        changeTo(flow),
      ];
    case 'submitting':
      return [
        { type: 'submitted', call, jobs: [`job-${call}`], seconds: 3 },
        { type: 'submitted', call, jobs: runsOfCall(flow, call).map((_, index) => `job-${call}${index}`), seconds: 3 },
        { type: 'answerLost', call, claim: null },
        { type: 'answerLost', call, claim: { code: 'busy' } },
        inTask(call),
        withResult(call),
        { type: 'notFound', hasHistory: true },
        { type: 'notFound', hasHistory: false },
        { type: 'notFound', hasHistory: true, isCharged: true },
        { type: 'found', jobs: [{ id: `job-${call}`, model }] },
        { type: 'submitRefused', call, again: true, reason: { code: 'outage' } },
        { type: 'submitRefused', call, again: false, reason: { code: 'moderation' } },
      ];
    case 'running':
      return [
        { type: 'woke' },
        doneAll(flow),
        changeTo(flow),
        { type: 'checkFailed', reason: { code: 'unauthorized' } },
        ...openTasks(flow).flatMap<Event>(({ call, task }) => [
          { type: 'submitted', call, jobs: [`job-${call}`], seconds: 3 },
          // A platform may call both by the same name.
          { type: 'submitted', call, jobs: [task.id], seconds: 3 },
          withResult(call),
          { type: 'answerLost', call, claim: null },
          { type: 'submitRefused', call, again: false, reason: { code: 'moderation' } },
          { type: 'checked', jobs: [], tasks: [{ ...task, pause: 40_000 }] },
        ]),
      ];
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
        { type: 'found', jobs: [{ id: 'job-1', model: someModel.id }] },
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
  let written = first;
  let now = 1000;
  const tell = (event: Event) => {
    const before = flow;
    const next = step(flow, event, now);
    flow = next.flow;
    if (flow !== before && !mayBeUndone(before, flow)) written = flow;
    look({ flow, effects: next.effects, event, before });
  };
  for (const { event, fitting, later, crash } of story) {
    now += later;
    // By then the latest change was written as well.
    if (later >= 1000) written = flow;
    if (crash) {
      // What is left after a kill is the saved text, read back.
      flow = flowSchema.parse(JSON.parse(JSON.stringify(written)));
      written = flow;
      tell({ type: 'resumed' });
    }
    const usual = fittingEvents(flow);
    const next = (fitting === null ? undefined : usual[fitting % usual.length]) ?? event;
    // An answer is one to a call that the flow is made of.
    if (!('call' in next) || runsOfCall(flow, next.call).length > 0) tell(next);
  }
}

type Pressed = { by: Presser; at: Partial<PressEvent['at']> };

const stories = fc.array(happening, { minLength: 1, maxLength: 60 });
/** As many short stories as fit into a fast lane; the long ones, with the world's faults in them, are the simulator's. */
const runs = { numRuns: 250 };

/** Paid calls that were made, without those that the platform proved it had refused. */
const callsBegun = (flow: Flow) => callsOf({ runs: runsIn(flow, 'begun', 'job', 'shared', 'unclear') });

const isPaidByAnother = (before: Flow, flow: Flow) =>
  before.account !== flow.account || before.connectedAt !== flow.connectedAt;

test('the stories reach every stage', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(start, stories, (first, story) => play(first, story, ({ flow }) => void reached.add(flow.stage))),
    { numRuns: 2000, seed: 1 },
  );
  expect([...reached].sort()).toEqual([...stages].sort());
});

test('nothing is confirmed but the price on the button that was pressed', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        if (flow.money.confirmed === null || flow.money.confirmed === before.money.confirmed) return;
        expect(event).toMatchObject({
          type: 'pressed',
          action: 'confirm',
          label: confirmLabel(flow.money.confirmed.credits),
        });
      });
    }),
  );
});

test('a change is taken only while nothing is confirmed or begun, and makes the price that was shown void', () => {
  let heard = 0;
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow, effects }) => {
        // Whoever takes the model that an approver offers changes it as well.
        if (event.type === 'pressed' && event.action === 'take' && before.stage === 'held') return;
        // What is on the card beside another account is another version of it.
        if (isPaidByAnother(before, flow)) return;
        if (event.type !== 'changed') return expect(flow.asked.changes).toBe(before.asked.changes);
        if (flow === before) return expect(effects).toEqual([]);
        heard++;
        expect(['quoting', 'quoted']).toContain(before.stage);
        expect(before.money.confirmed).toBeNull();
        expect(hasBegun(before)).toBe(false);
        expect(before.money.writtenOff).toBe(0);
        expect(event.changes).toBe(before.asked.changes);
        expect(flow).toMatchObject({ stage: 'quoting', money: { quote: null, confirmed: null } });
        // A price that was read for what was asked before is no answer any more.
        expect(flow.money.round).toBeGreaterThan(before.money.round);
        expect(flow.asked.prompt).toBe(event.asked.prompt);
        expect(flow.runs.every(({ model, state }) => model === event.asked.models[0].id && state === 'waiting')).toBe(
          true,
        );
      });
    }),
    runs,
  );
  expect(heard).toBeGreaterThan(50);
});

test('Confirm on what a card showed before it was changed confirms nothing, even at the same price', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        if (event.type !== 'pressed' || flow.money.confirmed === before.money.confirmed || !flow.money.confirmed)
          return;
        if (before.asked.changes > 0) expect(event.footer).toBe(footerOf(before));
      });
    }),
    runs,
  );
  const { flow: asked } = step(someFlow({ stage: 'quoted', money: { quote: someQuote } }), changeTo(someFlow()), 1000);
  const priced = { prices: { [otherModel.id]: 7 }, basis: 'list', balance: 100 } as const;
  const { flow } = step(asked, { type: 'priced', round: asked.money.round, ...priced }, 1000);
  const raced = step(flow, press('confirm', confirmLabel(7), footerOf(someFlow())), 1000).flow;
  expect(raced).toMatchObject({ stage: 'quoted', money: { confirmed: null }, shown: { notice: 'changed' } });
  expect(step(raced, confirm(raced), 1000).flow.money.confirmed?.credits).toBe(7);
});

test('of two changes that were worked out at the same moment the second is refused, and so is one that comes too late', () => {
  const flow = someFlow({ stage: 'quoted', money: { quote: someQuote } });
  const first = step(flow, changeTo(flow), 1000).flow;
  expect(step(first, changeTo(flow, someModel), 1000)).toEqual({ flow: first, effects: [], refused: 'changed' });
  const confirmed = step(flow, confirm(flow), 1000).flow;
  expect(step(confirmed, changeTo(confirmed), 1000)).toEqual({ flow: confirmed, effects: [], refused: 'late' });
  const other = { ...changeTo(flow), by: presser('1001') };
  expect(step(flow, other, 1000)).toEqual({ flow, effects: [], refused: 'notYours' });
});

test('paid calls never exceed the quotes that were confirmed at their price', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      let confirmations = 0;
      let paid = 0;
      play(first, story, ({ event, before, flow, effects }) => {
        const isConfirm = event.type === 'pressed' && event.action === 'confirm';
        if (isConfirm && before.stage === 'quoted' && flow.money.confirmed) confirmations++;
        for (const effect of effects) {
          if (effect.do !== 'submit') continue;
          // A start the platform proved it had not accepted may be made again for the same confirmation.
          paid++;
          expect(flow.stage).toBe('submitting');
          expect(flow.wait.submittedAt).not.toBeNull();
          expect(flow.money.confirmed?.credits).toBe(flow.money.quote?.credits);
          // It begins runs that were part of the price, and for which no call was made.
          const begins = runsOfCall(flow, effect.call);
          expect(begins.length).toBeGreaterThan(0);
          expect(runsIn(flow, 'begun')).toEqual(begins);
          expect(runsIn({ runs: runsOfCall(before, effect.call) }, 'waiting')).toHaveLength(begins.length);
        }
        // Also by the end of a task, which is followed like a job.
        if (['submitting', 'running'].includes(before.stage) && callsBegun(flow) < callsBegun(before)) {
          expect(event.type).toBe('submitRefused');
          paid--;
        }
        expect(callsBegun(flow)).toBeLessThanOrEqual(callsOf(first));
      });
      expect(paid).toBeLessThanOrEqual(confirmations * callsOf(first));
    }),
    runs,
  );
});

test('what was held is started only once somebody else has approved at least its price, who has the role', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      /** What others have approved, or offered and the requester has taken, since a start last used it up. */
      let approved = 0;
      let wasHeld = false;
      let offer = 0;
      play(first, story, ({ event, before, flow, effects }) => {
        if (flow.stage === 'held') {
          wasHeld = true;
          expect(effects.filter(({ do: what }) => what === 'submit' || what === 'price')).toEqual([]);
          expect(flow.money.heldAt).toBe(before.money.heldAt);
        }
        const isHeard = event.type === 'answered' && flow !== before;
        if (isHeard) {
          expect(event.by.id).not.toBe(before.requester);
          expect(event.by.roles).toContain(before.approval.rule?.approvers);
          expect(event.at.guild).toBe(before.guild);
          expect(before.stage).toBe('held');
          if (event.answer.is === 'offer') offer = event.answer.credits;
          if (event.answer.is === 'approve' && flow.stage === 'quoting') approved = before.money.quote?.credits ?? 0;
        }
        if (event.type === 'changed' && flow.asked.changes > before.asked.changes) {
          wasHeld = false;
          approved = 0;
        }
        const isTaken = event.type === 'pressed' && event.action === 'take' && flow.stage === 'quoting';
        if (isTaken && before.stage === 'held') approved = offer;
        if (event.type === 'pressed' && event.action === 'again' && flow.stage !== before.stage) approved = 0;
        if (wasHeld && effects.some(({ do: what }) => what === 'submit'))
          expect(approved).toBeGreaterThanOrEqual(flow.money.confirmed?.credits ?? Number.POSITIVE_INFINITY);
      });
    }),
    runs,
  );
});

test('while it waits for an approval the rule stays, whatever the settings say of later prices', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        // Whoever asks for something else is judged by what the server says then.
        if (event.type === 'changed' || isPaidByAnother(before, flow)) return;
        if (before.approval.rule !== null) expect(flow.approval.rule).toEqual(before.approval.rule);
        if (flow.stage === 'held') expect(flow.approval.rule).not.toBeNull();
      });
    }),
    runs,
  );
});

test('the message that asks is drawn whenever it should say something else', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, flow, effects }) => {
        const { message } = flow.approval;
        if (flow.approval.asks === 0 || (message === null && flow.stage !== 'held')) return;
        if (JSON.stringify(renderAsk(before)) !== JSON.stringify(renderAsk(flow)))
          expect(effects).toContainEqual({ do: 'ask' });
      });
    }),
    runs,
  );
});

test('credits are held from a first start on, and the moment stays for as long as anything of it may be charged', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, flow, effects }) => {
        if (effects.some((effect) => effect.do === 'submit')) expect(flow.money.heldAt).not.toBeNull();
        const mayBeCharged = (one: Flow) => runsIn(one, 'begun', 'job', 'shared', 'unclear').length > 0;
        // Null where a late answer to an earlier start is all there is.
        if (mayBeCharged(before) && mayBeCharged(flow) && before.money.heldAt !== null)
          expect(flow.money.heldAt).toBe(before.money.heldAt);
      });
    }),
    runs,
  );
});

test('a price that a spend limit has no room for is never shown to be confirmed, and ends a flow that waits', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        const { quote, room } = flow.money;
        if (flow.stage === 'quoted' && quote && room) expect(quote.credits).toBeLessThanOrEqual(leftIn(room));
        if (event.type !== 'limitFull' || before.stage !== 'queued') return;
        // What was begun goes on without the rest.
        expect(flow.stage).toBe(hasBegun(before) ? 'running' : 'failed');
        expect(runsIn(flow, 'begun')).toEqual([]);
      });
    }),
    runs,
  );
});

test('a start spends from the account that was on the card when its price was confirmed, a person’s own only by themselves', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      let confirmedFor: Payer | undefined;
      play(first, story, ({ before, flow, effects }) => {
        const { account, connectedAt } = flow;
        if (flow.money.confirmed && flow.money.confirmed !== before.money.confirmed)
          confirmedFor = { account: before.account, connectedAt: before.connectedAt };
        if (!effects.some((effect) => effect.do === 'submit')) return;
        expect({ account, connectedAt }).toEqual(confirmedFor);
        if (account === 'person-1000') expect(flow.money.confirmed?.by).toBe('1000');
      });
    }),
    runs,
  );
});

test('another account at the same price: a second click on Confirm is not for it, and an approval neither', () => {
  const approved = { by: '1001', at: 0, credits: 7, isOffer: false };
  const shown = someFlow({
    stage: 'quoted',
    money: { quote: someQuote, round: 1 },
    approval: { rule, asks: 1, approved },
  });
  const click = confirm(shown);
  const pressed = step(shown, click, 1000).flow;
  const [payer] = payers;
  const price = { prices: { [someModel.id]: 7 }, basis: 'list', balance: 100, hold: rule } as const;
  const { flow } = step(pressed, { type: 'priced', round: 2, ...price, ...(payer ? { payer } : {}) }, 2000);
  expect(flow).toMatchObject({ stage: 'quoted', account: 'person-1000', shown: { notice: 'payer' } });
  expect(flow.money.confirmed).toBeNull();
  expect(flow.approval).toMatchObject({ rule: null, approved: null });
  const late = step(flow, click, 2100).flow;
  expect(late).toMatchObject({ stage: 'quoted', shown: { notice: 'payer' } });
  expect(step(flow, confirm(flow), 2200).flow.money.confirmed?.by).toBe('1000');
});

test.each([
  ['files that were uploaded to it', { upload: { readiness: 'exact' as const } }],
  ['a job to be run again', { asked: { options: { source_job: 'job-1' } } }],
])('what needs the account before ends where another would pay: %s', (_, changes) => {
  const asked = someFlow({ stage: 'quoting', money: { round: 1 }, ...changes });
  const price = { prices: { [someModel.id]: 7 }, basis: 'list', balance: 100 } as const;
  const payer = { account: 'person-1000', connectedAt: 1 };
  const { flow } = step(asked, { type: 'priced', round: 1, ...price, payer }, 1000);
  expect(flow).toMatchObject({ stage: 'failed', account: 'default', shown: { reason: { code: 'otherAccount' } } });
});

test('the price is the sum of what the runs cost, and what was taken is the part of those that were begun', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        if (event.type === 'priced' && flow.money.quote !== before.money.quote)
          expect(flow.money.quote?.credits).toBe(
            flow.runs.reduce((sum, { model }) => sum + (event.prices[model] ?? 0), 0),
          );
        if (!flow.money.quote || flow.money.charged !== null) return;
        expect(creditsOf(flow.runs)).toBe(flow.money.quote.credits);
        const rest = creditsOf(runsIn(flow, 'waiting', 'refused', 'unclear'));
        expect(creditsTaken(flow) + rest).toBe(flow.money.quote.credits);
      });
    }),
    runs,
  );
});

test('what became of every paid call is known, or called unclear; only a person may drop that', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow }) => {
        // Only while a call is under way may nothing be known of it, and only one is.
        expect(callsOf({ runs: runsIn(flow, 'begun') })).toBe(flow.stage === 'submitting' ? 1 : 0);
        if (['running', 'delivering', 'delivered'].includes(flow.stage)) expect(runsIn(flow, 'waiting')).toEqual([]);
        if (runsIn(flow, 'unclear').length > 0) expect(['failed', 'cancelled', 'expired']).not.toContain(flow.stage);
        const isRestart = event.type === 'pressed' && event.action === 'again';
        // A known job is paid for: nobody starts again beside it.
        if (isRestart && flow.stage !== before.stage) expect(jobsOf(before)).toEqual([]);
        if (isRestart || event.type === 'submitRefused') return;
        // What may have been paid for is called nothing less, unless an answer names some of its call's jobs alone.
        const [then, now] = [before, flow].map((one) => runsIn(one, 'begun', 'job', 'shared', 'unclear').length);
        if (event.type !== 'submitted' || event.jobs.length === 1) expect(now).toBeGreaterThanOrEqual(then ?? 0);
        const cleared = runsIn(before, 'unclear').length - runsIn(flow, 'unclear').length;
        // A task stood for its job: where it ended without an answer, that job is looked for.
        const ended = event.type === 'answerLost' ? openTasks(before).length - openTasks(flow).length : 0;
        expect(jobsOf(flow).length - jobsOf(before).length).toBeGreaterThanOrEqual(cleared - ended);
        // One job stands for several runs only where an answer says so.
        if (runsIn(flow, 'shared').length > runsIn(before, 'shared').length) expect(event.type).toBe('submitted');
      });
    }),
    runs,
  );
});

test('only whoever started a flow can press its buttons, and those whom the server lets do it for them', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ event, before, flow, effects }) => {
        if (event.type !== 'pressed' || event.by.id === before.requester || event.by.forOthers) return;
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
    money: { quote: someQuote },
  });
  const event: Event = {
    type: 'pressed',
    action: 'confirm',
    by,
    at: { ...placeOf(flow), ...at },
    label: confirmLabel(7),
  };
  expect(step(flow, event, 1000)).toEqual({ flow, effects: [], refused });
});

/** Somebody whom the server lets press for others. */
const helper = { ...presser('1001'), roles: ['7'], forOthers: true };

test.each([
  ['elsewhere', 'confirm', { channel: '3001' }, 'gone'],
  ['in another server', 'confirm', { guild: '2001' }, 'gone'],
  ['in a DM', 'confirm', { guild: null }, 'gone'],
  ['on a card that was left behind', 'confirm', { message: '4001' }, 'moved'],
  ['for the link of an upload', 'link', {}, 'notYours'],
] as const)('who may press for others is not heard either %s', (_, action, at, refused) => {
  const flow = someFlow({ stage: 'quoted', money: { quote: someQuote } });
  const event: Event = {
    type: 'pressed',
    action,
    by: helper,
    at: { ...placeOf(flow), ...at },
    label: confirmLabel(7),
  };
  expect(step(flow, event, 1000)).toEqual({ flow, effects: [], refused });
});

test('who presses Confirm for somebody confirms by their own name, and the other spends by their own roles', () => {
  const flow = someFlow({ stage: 'quoted', money: { quote: someQuote }, spender: { roles: ['8'], channel: '3000' } });
  const press = { type: 'pressed', action: 'confirm', at: placeOf(flow), label: confirmLabel(7) } as const;
  const { flow: next } = step(flow, { ...press, by: helper }, 1000);
  expect(next.money.confirmed?.by).toBe('1001');
  expect(next.spender.roles).toEqual(['8']);
  expect(next.requester).toBe('1000');
  const own = step(flow, { ...press, by: { ...presser(), roles: ['9'] } }, 1000);
  expect(own.flow.spender.roles).toEqual(['9']);
});

test('a record found in `submitting` is looked up, never submitted', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, effects, event }) => {
        const submits = effects.filter((effect) => effect.do === 'submit');
        if (before.stage === 'submitting' || event.type === 'resumed') expect(submits).toEqual([]);
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
        if (!isTerminal(before) || runsIn(before, 'unclear').length > 0) return;
        expect(flow.stage).toBe(before.stage);
        expect(flow.shown.results).toEqual(before.shown.results);
        // What was pressed before the bot knew its own card is drawn, and a link that came too late is taken back.
        expect(effects.filter((effect) => !['draw', 'endUpload', 'ask'].includes(effect.do))).toEqual([]);
      });
    }),
    runs,
  );
});

test('every open flow has a next wake-up, and its record can be read back', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ flow }) => {
        if (isOpen(flow)) expect(flow.wait.nextCheckAt).toEqual(expect.any(Number));
        else expect(flow.wait.nextCheckAt).toBeNull();
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
        now = Math.max(now + 1, flow.wait.nextCheckAt ?? now);
        flow = step(flow, { type: 'woke' }, now, 60_000).flow;
      }
      expect(isOpen(flow)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('a job that was paid for is never dropped, and stays with its run', () => {
  fc.assert(
    fc.property(start, stories, (first, story) => {
      play(first, story, ({ before, flow, event }) => {
        const ids = jobsOf(flow).map((job) => job.id);
        expect(new Set(ids).size).toBe(ids.length);
        if (event.type === 'submitted' && !event.task)
          expect(openTasks(flow).filter(({ call }) => call === event.call)).toEqual([]);
        // A task gives way to what its call is answered with, and to nothing else.
        const over = openTasks(before).filter(({ task }) => !ids.includes(task.id));
        for (const { call } of over) {
          expect(['submitted', 'submitRefused', 'answerLost']).toContain(event.type);
          expect(event).toMatchObject({ call });
        }
        const isKnown = (run: Run) => run.state === 'job' && over.every(({ task }) => task.id !== run.job.id);
        const known = before.runs.filter(isKnown);
        expect(ids.slice(0, known.length)).toEqual(jobsOf({ runs: known }).map((job) => job.id));
        expect(flow.runs.length).toBeGreaterThanOrEqual(before.runs.length);
        const withJobs = (runs: Run[]) =>
          runsIn({ runs }, 'job').map(({ model, seed, call }) => ({ model, seed, call }));
        expect(withJobs(flow.runs).slice(0, known.length)).toEqual(withJobs(known));
        if (event.type === 'submitted' && before.stage === 'submitting')
          expect(ids).toEqual(expect.arrayContaining(event.jobs));
      });
    }),
    runs,
  );
});

test('a card that becomes known only after its flow has ended is drawn, but for a result, which draws itself', () => {
  const posted = (stage: Flow['stage']) =>
    step(someFlow({ stage, card: { message: null } }), { type: 'cardPosted', message: '4001' }, 1000).effects;
  for (const stage of ['failed', 'cancelled', 'expired', 'unclear', 'quoted'] as const)
    expect(posted(stage)).toEqual([{ do: 'draw' }]);
  for (const stage of ['delivering', 'delivered'] as const) expect(posted(stage)).toEqual([]);
});
