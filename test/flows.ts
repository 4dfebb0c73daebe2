import type { AskedModel } from '../src/flows/asked.ts';
import { type Changes, change } from '../src/flows/change.ts';
import type { PressEvent, Presser } from '../src/flows/events.ts';
import { type Flow, flowDefaults } from '../src/flows/flow.ts';
import { type Job, newJob, newRuns, type Run } from '../src/flows/runs.ts';
import type { Entry } from '../src/guilds/entries.ts';

export const someModel: AskedModel = {
  id: 'some-model',
  name: 'Some Model',
  generationType: 'text-to-image',
  seconds: 10,
  needs: [],
  pictures: 0,
  silent: false,
};

export const otherModel: AskedModel = { ...someModel, id: 'other-model', name: 'Other Model', seconds: 20 };

const plain: Flow = {
  ...flowDefaults,
  id: 'k3f9abcd',
  recipe: 'image',
  stage: 'quoting',
  requester: '1000',
  guild: '2000',
  card: { channel: '3000', message: '4000', lost: false, fileLimit: 10_000_000, restricted: false },
  reply: { application: '5000', token: 'token', until: 900_000 },
  asked: {
    prompt: 'a fox in snow',
    models: [someModel],
    modelTakenAs: null,
    options: {},
    adjusted: [],
    changes: 0,
    style: null,
    spoiler: false,
    inputs: [],
    attachments: [],
  },
  runs: newRuns(someModel.id, 1, {}),
  wait: { ...flowDefaults.wait, nextCheckAt: 15_000, giveUpAt: 900_000 },
  createdAt: 0,
};

/** A flow as a command would start it, for tests of the pure parts. */
export const someFlow = (changes: Changes = {}): Flow => change(plain, changes);

/** The same, where files are needed first. */
export const someUploadFlow = ({ asked, ...changes }: Changes = {}): Flow => {
  const needs = [{ kinds: ['image' as const], min: 1, max: 3 }];
  const models: [AskedModel] = [{ ...someModel, generationType: 'image-to-image', needs }];
  return someFlow({ recipe: 'edit', stage: 'uploading', asked: { models, ...asked }, ...changes });
};

/** The same, where several paid calls are to be made. */
export const someVariedFlow = (changes: Changes = {}): Flow =>
  someFlow({ asked: { options: { seed: 7 } }, runs: newRuns(someModel.id, 3, { seed: 7 }), ...changes });

/** The same, where one paid call is to begin several jobs. */
export const someWideFlow = (changes: Changes = {}): Flow => {
  const options = { variant_count: 3 };
  return someFlow({ recipe: 'ad', asked: { options }, runs: newRuns(someModel.id, 1, options), ...changes });
};

/** The same, of two models. */
export const someFlowOfTwoModels = (changes: Changes = {}): Flow => {
  const runs = [...newRuns(someModel.id, 1, {}), ...newRuns(otherModel.id, 1, {})];
  return someFlow({
    asked: { models: [someModel, otherModel] },
    runs: runs.map((run, index) => ({ ...run, call: index + 1 })),
    ...changes,
  });
};

/** A run that has a job; it runs, unless something else is said. */
export const runWithJob = (id: string, changes: Partial<Job> = {}): Run => ({
  model: someModel.id,
  seed: null,
  credits: 7,
  call: 1,
  state: 'job',
  job: { ...newJob(id), ...changes },
});

/** An upload that was opened. */
/** A flow whose only job failed, at the price of {@link someQuote}. */
export const someFailedFlow = (): Flow =>
  someFlow({
    stage: 'failed',
    runs: [runWithJob('job', { status: 'failed' })],
    money: { quote: someQuote, heldAt: 0 },
    shown: { reason: { code: 'jobFailed' } },
    endedAt: 1,
  });

export const someSession = {
  token: 'token',
  url: 'https://upload.example/token',
  direct: null,
  transferred: false,
  sentBy: null,
  explained: null,
  link: null,
  startedAt: 0,
} satisfies Flow['upload']['session'];

/** What a price came to. */
export const someQuote = { credits: 7, basis: 'list' as const, balance: 100, at: 0, until: 600_000 };

/** Who started them, as somebody who presses. */
export const presser = (id = '1000'): Presser => ({ id, roles: [], managesServer: false, forOthers: false });

/** Where a flow's card is. */
export const placeOf = ({ guild, card }: Flow): PressEvent['at'] => ({
  guild,
  channel: card.channel,
  message: card.message ?? '4000',
});

/** What one run came to, as the ledger of its server has it. */
export const someEntry = (changes: Partial<Entry> = {}): Entry => ({
  v: 1,
  flow: plain.id,
  run: 0,
  person: '1000',
  channel: '3000',
  recipe: 'image',
  model: someModel.id,
  account: 'default',
  job: 'job-1',
  credits: 7,
  at: Date.UTC(2026, 10, 26),
  state: 'settled',
  ...changes,
});
