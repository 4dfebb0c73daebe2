import { expect, test } from 'vitest';
import { LookUps } from '../../src/engine/lookUps.ts';
import { renderCard } from '../../src/flows/card.ts';
import { change } from '../../src/flows/change.ts';
import type { Event } from '../../src/flows/events.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { recipes } from '../../src/flows/recipes/index.ts';
import {
  callOf,
  creditsTaken,
  jobsOf,
  newRuns,
  openTasks,
  type Run,
  runsIn,
  taskPause,
  withAnswer,
  withFound,
  withoutTask,
  withState,
} from '../../src/flows/runs.ts';
import { confirmLabel } from '../../src/flows/sentences.ts';
import { step } from '../../src/flows/step.ts';
import {
  otherModel,
  placeOf,
  presser,
  someFlow,
  someFlowOfTwoModels,
  someModel,
  someVariedFlow,
  someWideFlow,
} from '../flows.ts';

/** Tells a flow one thing after another, a second apart. */
function told(first: Flow, events: Event[]): Flow {
  let flow = first;
  for (const [index, event] of events.entries()) flow = step(flow, event, (index + 1) * 1000).flow;
  return flow;
}

const priced: Omit<Extract<Event, { type: 'priced' }>, 'round'> = {
  type: 'priced',
  prices: { [someModel.id]: 7, [otherModel.id]: 2.5 },
  basis: 'list',
  balance: 100,
};
const confirm: Event = {
  type: 'pressed',
  action: 'confirm',
  by: presser(),
  at: placeOf(someFlow()),
  label: confirmLabel(9.5),
};
const done = (id: string): Event => ({
  type: 'checked',
  jobs: [
    {
      id,
      status: 'completed',
      outputs: [{ url: 'https://media.example/1.png' }],
      missing: [],
      error: null,
      charged: null,
      seed: null,
      isPartial: false,
    },
  ],
});
const posted: Event = { type: 'posted', card: someFlow().card, results: [], replies: [], charged: null };

test('two runs of two models: the price is their sum; one answer is lost and its job found, the other start refused; the charge is the part', () => {
  const quoted = told(someFlowOfTwoModels(), [{ ...priced, round: 0 }]);
  expect(quoted).toMatchObject({ stage: 'quoted', money: { quote: { credits: 9.5 } } });
  expect(quoted.runs.map(({ credits }) => credits)).toEqual([7, 2.5]);
  expect(JSON.stringify(renderCard(quoted, 0))).toContain('Some Model and Other Model');

  const first = told(quoted, [confirm, { ...priced, round: 1 }, { type: 'slotFree' }]);
  expect(first.stage).toBe('submitting');
  expect(recipes.image.start(first, callOf(first, 1)).args).toMatchObject({ model: 'some-model' });
  const lost = told(first, [{ type: 'answerLost', call: 1, claim: null }]);
  expect(runsIn(lost, 'begun').map(({ model }) => model)).toEqual(['some-model']);
  // A job of the other model is not the one that was lost, but may have been paid for: it is kept beside the others.
  const other = told(lost, [{ type: 'found', jobs: [{ id: 'other', model: 'other-model' }] }]);
  expect(jobsOf(other)).toHaveLength(1);
  expect(runsIn(other, 'begun').map(({ model }) => model)).toEqual(['some-model']);

  const second = told(lost, [{ type: 'found', jobs: [{ id: 'job-1', model: 'some-model' }] }, { type: 'slotFree' }]);
  expect(second.stage).toBe('submitting');
  expect(recipes.image.start(second, callOf(second, 2)).args).toMatchObject({ model: 'other-model' });
  const refused = { type: 'submitRefused', call: 2, again: false, reason: { code: 'moderation' } } as const;
  const running = told(second, [refused]);
  expect(running).toMatchObject({ stage: 'running', wait: { running: { seconds: 20 } } });

  const delivered = told(running, [done('job-1'), posted]);
  expect(delivered.stage).toBe('delivered');
  expect(creditsTaken(delivered)).toBe(7);
  expect(runsIn(delivered, 'refused').map(({ model, credits }) => [model, credits])).toEqual([['other-model', 2.5]]);
  expect(JSON.stringify(renderCard(delivered, 0))).toContain(
    '1 of 2 · 7 credits confirmed · 1 s · 1 of 2 could not be started',
  );
});

test('what is unclear of several models counts by each model’s own price', () => {
  const flow = someFlowOfTwoModels({
    stage: 'delivered',
    runs: someFlowOfTwoModels().runs.map((run, index) => ({ ...run, credits: index === 0 ? 7 : 2.5 })),
  });
  const unclear = { ...flow, runs: withState(flow.runs, { call: 2 }, 'unclear') };
  expect(JSON.stringify(renderCard(unclear, 0))).toContain('1 of 2 unclear: the answer was lost (up to 2.5 credits)');
});

test('each run of several has a seed of its own, whatever becomes of the others', () => {
  const seeds = (flow: Flow) => flow.runs.map(({ call }) => recipes.image.start(flow, callOf(begun(flow, call), call)));
  const begun = (flow: Flow, call: number) => ({ ...flow, runs: withState(flow.runs, { call }, 'begun') });
  expect(seeds(someVariedFlow()).map(({ args }) => args.seed)).toEqual([7, 8, 9]);
});

test('one call that begins several jobs says how many', () => {
  const flow = someWideFlow();
  const begun = { ...flow, runs: withState(flow.runs, {}, 'begun') };
  expect(recipes.ad.start(begun, callOf(begun, 1)).args).toMatchObject({ variant_count: 3 });
});

const states = (runs: Run[]) => runs.map((run) => (run.state === 'job' ? run.job.id : run.state));
const begun = (flow: Flow) => withState(flow.runs, {}, 'begun');

test('the answer to a call: every id a job; fewer than were asked for: the rest was not started; a single one stands for all', () => {
  const wide = begun(someWideFlow());
  expect(states(withAnswer(wide, 1, ['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
  expect(states(withAnswer(wide, 1, ['a', 'b']))).toEqual(['a', 'b', 'refused']);
  expect(states(withAnswer(wide, 1, ['a']))).toEqual(['a', 'shared', 'shared']);
});

test('a call of which a job was found is not made again, whatever is said of it later', () => {
  const confirmed = someWideFlow({ money: { confirmed: { by: '1000', credits: 21, at: 0 } } });
  const lost = told(confirmed, [
    { ...priced, round: 0 },
    { type: 'slotFree' },
    { type: 'answerLost', call: 1, claim: null },
  ]);
  const found = told(lost, [{ type: 'found', jobs: [{ id: 'a', model: 'some-model' }] }]);
  expect(states(found.runs)).toEqual(['a', 'begun', 'begun']);
  const refused = told(found, [{ type: 'submitRefused', call: 1, again: true, reason: { code: 'busy' } }]);
  expect(refused.stage).toBe('running');
  expect(states(refused.runs)).toEqual(['a', 'refused', 'refused']);
});

test('nobody starts again where a job is known: it is paid for', () => {
  const again: Event = {
    type: 'pressed',
    action: 'again',
    by: presser(),
    at: placeOf(someFlow()),
    label: 'Start again',
  };
  const unclear = someFlow({ stage: 'unclear', runs: withState(someFlow().runs, {}, 'unclear') });
  expect(told(unclear, [again])).toMatchObject({ stage: 'quoting', runs: [{ state: 'waiting' }] });
  const known = { ...unclear, runs: withFound(unclear.runs, [{ id: 'a', model: 'some-model' }]) };
  expect(told(known, [again])).toEqual(known);
});

test('one job more than was asked for is kept, and nobody has confirmed a price for it', () => {
  const runs = withAnswer(begun(someFlow()), 1, ['a', 'b', 'a']);
  expect(states(runs)).toEqual(['a', 'b']);
  expect(runs[1]).toMatchObject({ model: 'some-model', call: 1, credits: null });
  expect(states(withFound(runs, [{ id: 'c', model: 'some-model' }]))).toEqual(['a', 'b', 'c']);
});

test('a late answer takes back what a look-up guessed: the job it does not name is that of a run that is unclear', () => {
  const [one, two, three] = newRuns('some-model', 3, {}).map((run): Run => ({ ...run, state: 'unclear' }));
  const [other] = newRuns('other-model', 1, {});
  if (!one || !two || !three || !other) throw new Error('no runs');
  const guessed = withFound([one, two, { ...other, call: 4, state: 'unclear' }], [{ id: 'b', model: 'some-model' }]);
  expect(states(guessed)).toEqual(['b', 'unclear', 'unclear']);
  // What the look-up gave to the first call was the second one's: nothing of this model is unclear any more.
  expect(states(withAnswer(guessed, 1, ['a']))).toEqual(['b', 'a', 'unclear']);
  // The second call names it: the first one stays unclear.
  expect(states(withAnswer(guessed, 2, ['b']))).toEqual(['b', 'unclear', 'unclear']);
  // An answer that was not guessed clears nothing but its own call.
  expect(states(withAnswer([one, two, three], 2, ['x', 'y']))).toEqual(['x', 'y', 'unclear', 'unclear']);
});

test('a task stands for the runs of its call until the call has its answer, and is forgotten with the next call', () => {
  const task = { id: 't', pause: 5000 };
  const [one, two] = newRuns('some-model', 1, { variant_count: 2 }).map((run): Run => ({ ...run, state: 'begun' }));
  if (!one || !two) throw new Error('no runs');
  const working = withAnswer([one, two], 1, ['t'], task);
  expect(states(working)).toEqual(['t', 'shared']);
  expect([openTasks({ runs: working }).map(({ call }) => call), taskPause({ runs: working })]).toEqual([[1], 5000]);
  const lost = withoutTask(working, 1);
  expect(states(lost)).toEqual(['begun', 'begun']);
  // Where it was not the end of it, the task may still tell.
  expect(withState(lost, {}, 'unclear')[0]?.task).toEqual(task);
  expect(states(withAnswer(lost, 1, ['a', 'b']))).toEqual(['a', 'b']);
  expect(openTasks({ runs: withAnswer(lost, 1, ['a', 'b']) })).toEqual([]);
  expect(withState(lost, {}, 'waiting')).toEqual([one, two].map((run) => ({ ...run, state: 'waiting' })));
});

test('a job that has the id of the task that began it is a job, whoever names it', () => {
  const [one] = newRuns('some-model', 1, {}).map((run): Run => ({ ...run, state: 'begun' }));
  if (!one) throw new Error('no run');
  const lost = withoutTask(withAnswer([one], 1, ['t'], { id: 't', pause: 0 }), 1);
  for (const runs of [withAnswer(lost, 1, ['t']), withFound(lost, [{ id: 't', model: 'some-model' }])]) {
    expect(states(runs)).toEqual(['t']);
    expect(openTasks({ runs })).toEqual([]);
  }
});

test('look-ups find each lost run by its own model, and only as many as are missed', async () => {
  const claims = new Map<string, string>();
  const lookUps = new LookUps(
    {
      claimedBy: async (job) => claims.get(job),
      claim: async (job, flow) => void claims.set(job, flow),
    },
    () => 2000,
  );
  const row = (id: string, model: string) => ({ id, model, prompt: ' a fox  in snow', createdAt: 1500 });
  const rows = [row('a', 'some-model'), row('b', 'other-model'), row('c', 'third-model')];
  const history = async (model: string) => rows.filter((one) => one.model === model);
  const flow = change(someFlowOfTwoModels({ wait: { submittedAt: 1000 } }), { stage: 'submitting' });
  const lost = withState(flow.runs, {}, 'unclear');
  expect(await lookUps.find(flow, { history }, lost)).toEqual([
    { id: 'a', model: 'some-model' },
    { id: 'b', model: 'other-model' },
  ]);
  expect([...claims]).toEqual([
    ['a', flow.id],
    ['b', flow.id],
  ]);
  const other = { ...flow, id: 'other' };
  expect(await lookUps.find(other, { history }, lost.slice(1))).toEqual([]);
});
