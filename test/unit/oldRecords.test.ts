import { expect, test } from 'vitest';
import { notAsked } from '../../src/flows/approval.ts';
import { flowSchema } from '../../src/flows/flow.ts';
import { creditsOf } from '../../src/flows/runs.ts';
import { confirmLabel } from '../../src/flows/sentences.ts';
import { step } from '../../src/flows/step.ts';
import { placeOf, presser, someFlow, someFlowOfTwoModels, someModel, someQuote } from '../flows.ts';

/** As the first release wrote it: one need, and none of the later fields. */
const old = {
  v: 1,
  id: 'k3f9abcd',
  recipe: 'edit',
  stage: 'running',
  requester: '1000',
  guild: '2000',
  card: { channel: '3000', message: '4000', lost: false, fileLimit: 10_000_000 },
  reply: { application: '5000', token: 'token', until: 900_000 },
  prompt: 'a fox in snow',
  model: {
    id: 'some-model',
    name: 'Some Model',
    generationType: 'image-to-image',
    seconds: 10,
    inputKinds: ['image'],
    inputsMin: 1,
    inputsMax: 3,
  },
  options: {},
  inputs: [{ url: 'https://media.example/1.png', kind: 'image', name: 'one.png' }],
  upload: { token: 'token', url: 'https://upload.example/token', sentBy: 'dm', startedAt: 0 },
  uploadProblem: null,
  readiness: 'exact',
  round: 1,
  quote: { credits: 7, basis: 'list', balance: 100, at: 0, until: 600_000 },
  confirmed: { by: '1000', credits: 7, at: 0 },
  submittedAt: 0,
  lookUps: 0,
  place: null,
  jobs: [{ id: 'job-1', status: 'running', outputs: [], error: null, charged: null, seed: null }],
  reason: null,
  notice: null,
  results: [],
  charged: null,
  running: { since: 0, seconds: 10 },
  attempts: 0,
  createdAt: 0,
  endedAt: null,
  nextCheckAt: 10_000,
  giveUpAt: 86_400_000,
};

const running = { id: 'job-1', status: 'running', outputs: [], error: null, charged: null, seed: null };

/** As 0.1.0 wrote it: counters beside each other. */
const counted = {
  ...old,
  recipe: 'image',
  account: 'default',
  parent: 'smaz4jeg',
  card: { ...old.card, restricted: true },
  look: 'hash',
  model: {
    id: 'some-model',
    name: 'Some Model',
    generationType: 'text-to-image',
    seconds: 10,
    needs: [],
    silent: true,
  },
  modelTakenAs: 'cheapest',
  options: { seed: 7 },
  spoiler: true,
  starts: 3,
  inputs: [],
  attachments: [{ url: 'https://cdn.example/1.png', kind: 'image', name: 'one.png', claimedType: '' }],
  upload: null,
  uploadOver: true,
  quote: { ...old.quote, credits: 21 },
  begun: 3,
  answer: 'lost',
  claim: { code: 'busy' },
  jobs: [{ ...running, missing: ['file 2', 'song 3', 'vocals'], overAt: 5000 }],
  missing: 0,
  unclear: 1,
  writtenOff: 14,
  words: [['hello', 0, 500]],
  note: 'said by Kubeez',
  notice: 'slow',
  results: [{ name: 'x.png', url: 'https://media.example/x.png', as: 'link', why: 'tooLarge', link: null }],
  copies: [{ channel: '3001', message: '4001' }],
  deletedAt: 9000,
  replies: ['4002'],
  sentAhead: [{ message: '4003', first: 1, results: [] }],
  mentioned: true,
  charged: 7,
  place: 2,
  lookUps: 1,
  attempts: 4,
  failedReads: 5,
};

const taken = (record: object) => flowSchema.parse(JSON.parse(JSON.stringify(record)));
const states = (record: object) => taken(record).runs.map((run) => (run.state === 'job' ? run.job.id : run.state));

test('a paid flow that an earlier release saved goes on', () => {
  const flow = taken(old);
  expect(flow.asked.models[0].needs).toEqual([{ kinds: ['image'], min: 1, max: 3 }]);
  expect(flow.runs).toMatchObject([{ state: 'job', call: 1, credits: 7, model: 'some-model', job: { id: 'job-1' } }]);
  expect(step(flow, { type: 'resumed' }, 20_000).flow).toMatchObject({
    stage: 'running',
    wait: { nextCheckAt: 20_000 },
  });
});

test('a flow whose answer was lost, as an earlier release saved it, can still be checked', () => {
  for (const counters of [{ missing: 0, begun: 1, unclear: 1 }, {}]) {
    const flow = taken({ ...old, stage: 'unknown', jobs: [], ...counters });
    expect(flow.stage).toBe('unclear');
    const pressed = step(
      flow,
      { type: 'pressed', action: 'check', by: presser(), at: placeOf(flow), label: 'Check' },
      20_000,
    );
    expect(pressed.effects).toEqual([{ do: 'lookUp' }]);
  }
});

test('every field of a record of 0.1.0 has its place in a group', () => {
  expect(taken(counted)).toEqual({
    v: 2,
    id: 'k3f9abcd',
    recipe: 'image',
    stage: 'running',
    requester: '1000',
    guild: '2000',
    account: 'default',
    connectedAt: null,
    parent: 'smaz4jeg',
    languages: { card: 'en', requester: 'en' },
    card: counted.card,
    reply: counted.reply,
    asked: {
      prompt: 'a fox in snow',
      models: [{ ...counted.model, pictures: 0 }],
      modelTakenAs: 'cheapest',
      adjusted: [],
      changes: 0,
      style: null,
      options: { seed: 7 },
      spoiler: true,
      inputs: [],
      attachments: counted.attachments,
    },
    upload: { session: null, isOver: true, problem: null, readiness: 'exact' },
    approval: notAsked,
    spender: { roles: [], channel: null },
    money: {
      round: 1,
      quote: counted.quote,
      before: null,
      confirmed: counted.confirmed,
      room: null,
      heldAt: null,
      charged: 7,
      refund: null,
      writtenOff: 14,
    },
    runs: [
      {
        model: 'some-model',
        seed: 7,
        credits: 7,
        call: 1,
        state: 'job',
        job: { ...running, missing: [2, 3, 'vocals'], overAt: 5000 },
      },
      { model: 'some-model', seed: 8, credits: 7, call: 2, state: 'unclear' },
      { model: 'some-model', seed: 9, credits: 7, call: 3, state: 'shared' },
    ],
    shown: {
      look: 'hash',
      notice: 'slow',
      note: 'said by Kubeez',
      reason: null,
      words: counted.words,
      results: counted.results,
      replies: ['4002'],
      sentAhead: counted.sentAhead,
      copies: counted.copies,
      mentioned: true,
      deletedAt: 9000,
    },
    wait: {
      nextCheckAt: 10_000,
      giveUpAt: 86_400_000,
      position: 2,
      submittedAt: 0,
      answer: 'lost',
      claim: { code: 'busy' },
      lookUps: 1,
      running: { since: 0, seconds: 10 },
      attempts: 4,
      failedReads: 5,
      failedAt: null,
    },
    createdAt: 0,
    endedAt: null,
    clearedAt: null,
  });
});

const jobs = (...ids: string[]) => ids.map((id) => ({ ...running, id }));

test.each<[what: string, fields: object, states: string[]]>([
  ['nothing begun', { stage: 'quoted', begun: 0, jobs: [], unclear: 0 }, ['waiting', 'waiting', 'waiting']],
  [
    'the first call under way',
    { stage: 'submitting', begun: 1, jobs: [], unclear: 0 },
    ['begun', 'waiting', 'waiting'],
  ],
  [
    'one job, then the next call under way',
    { stage: 'submitting', begun: 2, unclear: 0 },
    ['job-1', 'begun', 'waiting'],
  ],
  ['one job, one lost, one in line', { stage: 'queued', begun: 2 }, ['job-1', 'unclear', 'waiting']],
  ['the rest left out', { begun: 1, unclear: 0, missing: 2 }, ['job-1', 'refused', 'refused']],
  ['all three', { begun: 3, unclear: 0, jobs: jobs('a', 'b', 'c') }, ['a', 'b', 'c']],
  ['one job too many', { begun: 3, unclear: 0, jobs: jobs('a', 'b', 'c', 'd') }, ['a', 'b', 'c', 'd']],
  ['refused', { stage: 'failed', begun: 0, jobs: [], unclear: 0 }, ['waiting', 'waiting', 'waiting']],
])('counters become runs: %s', (_, fields, expected) => {
  const flow = taken({ ...counted, ...fields });
  expect(states({ ...counted, ...fields })).toEqual(expected);
  expect(flow.runs.map(({ call }) => call)).toEqual(expected.map((_, index) => Math.min(3, index + 1)));
  expect(creditsOf(flow.runs)).toBe(21);
});

test.each<[what: string, fields: object, states: string[]]>([
  ['each has its job', { jobs: jobs('a', 'b', 'c') }, ['a', 'b', 'c']],
  ['fewer were started', { jobs: jobs('a', 'b'), missing: 1 }, ['a', 'b', 'refused']],
  ['one job stands for all', { jobs: jobs('a') }, ['a', 'shared', 'shared']],
  ['its answer was lost', { stage: 'unclear', jobs: [], unclear: 3 }, ['unclear', 'unclear', 'unclear']],
  ['some were found', { stage: 'submitting', jobs: jobs('a') }, ['a', 'begun', 'begun']],
  ['before calls were counted', { begun: undefined, jobs: jobs('a', 'b', 'c') }, ['a', 'b', 'c']],
])('one call that began several jobs becomes runs: %s', (_, fields, expected) => {
  const record = {
    ...counted,
    recipe: 'ad',
    options: { variant_count: 3 },
    starts: 1,
    begun: 1,
    unclear: 0,
    ...fields,
  };
  expect(states(record)).toEqual(expected);
  expect(taken(record).runs.every(({ call, seed, credits }) => call === 1 && seed === null && credits === 7)).toBe(
    true,
  );
});

test('what was wrong with a file was a sentence: that something is wrong is kept', () => {
  const upload = { ...counted, stage: 'uploading', upload: old.upload, uploadProblem: '“a.mp3” is a sound.' };
  expect(taken(upload).upload).toEqual({
    session: { ...old.upload, direct: null, transferred: false, explained: null, link: null },
    isOver: true,
    problem: { code: 'doesNotWork' },
    readiness: 'exact',
  });
  const failed = taken({ ...counted, stage: 'failed', reason: { code: 'badFile', problem: '“a.mp3” is a sound.' } });
  expect(failed.shown.reason).toEqual({ code: 'badFile', problem: { code: 'doesNotWork' } });
});

test('a record of no known version, or with a field that does not fit, is refused', () => {
  for (const broken of [
    { ...counted, v: 3 },
    { ...counted, starts: 'three' },
    { ...counted, jobs: [{}] },
    'text',
    null,
  ])
    expect(flowSchema.safeParse(broken).success).toBe(false);
});

test('today’s record is read as it is', () => {
  expect(taken(someFlowOfTwoModels())).toEqual(someFlowOfTwoModels());
});

test('a record from before approvals were kept: nobody was asked, and nobody has to be', () => {
  const { approval: _, ...before } = someFlow({ stage: 'quoted', money: { quote: someQuote } });
  const flow = flowSchema.parse(before);
  expect(flow.approval).toEqual(notAsked);
  const press = {
    type: 'pressed',
    action: 'confirm',
    by: presser(),
    at: placeOf(flow),
    label: confirmLabel(7),
  } as const;
  const confirmed = step(flow, press, 1000).flow;
  const prices = { [someModel.id]: 7 };
  const priced = { type: 'priced', round: confirmed.money.round, prices, basis: 'list', balance: 100 } as const;
  expect(step(confirmed, priced, 1000).flow.stage).toBe('queued');
});
