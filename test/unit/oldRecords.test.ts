import { expect, test } from 'vitest';
import { flowSchema } from '../../src/flows/flow.ts';
import { step } from '../../src/flows/step.ts';
import { placeOf, presser } from '../flows.ts';

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

test('a paid flow that an earlier release saved goes on', () => {
  const flow = flowSchema.parse(JSON.parse(JSON.stringify(old)));
  expect(flow.model.needs).toEqual([{ kinds: ['image'], min: 1, max: 3 }]);
  expect(step(flow, { type: 'resumed' }, 20_000).flow).toMatchObject({ stage: 'running', nextCheckAt: 20_000 });
});

test('a flow whose answer was lost, as an earlier release saved it, can still be checked', () => {
  const flow = flowSchema.parse({ ...old, stage: 'unknown', jobs: [], missing: 0, begun: 1, unclear: 1 });
  expect(flow.stage).toBe('unclear');
  const pressed = step(flow, { type: 'pressed', action: 'check', by: presser(), at: placeOf(flow) }, 20_000);
  expect(pressed.effects).toEqual([{ do: 'lookUp' }]);
});
