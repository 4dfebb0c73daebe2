import { z } from 'zod';
import { defaultAccount } from '../accountNames.ts';

/** The fields of a record that tell which version wrote it. */
type OldRecord = Record<string, unknown>;

const anyRecord = z.record(z.string(), z.unknown());

/**
 * Brings a stored flow to today's form. What is no record at all, or of no known version, is given back as it is: the
 * schema refuses it. Every older form has an example in test/unit/oldRecords.test.ts.
 */
export function migrate(stored: unknown): unknown {
  const record = anyRecord.safeParse(stored);
  if (!record.success || record.data.v !== 1) return stored;
  return withGroups(withUnclear(withBegun(withNeeds(record.data))));
}

const oneNeed = z.looseObject({
  inputKinds: z.array(z.unknown()),
  inputsMin: z.number(),
  inputsMax: z.number(),
});

/** A model had one need before it could have several. */
function withNeeds(record: OldRecord): OldRecord {
  const old = oneNeed.safeParse(record.model);
  if (!old.success) return record;
  const { inputKinds, inputsMin, inputsMax, ...model } = old.data;
  const needs = inputsMax > 0 ? [{ kinds: inputKinds, min: inputsMin, max: inputsMax }] : [];
  return { ...record, model: { ...model, needs } };
}

const uncounted = z.object({
  stage: z.string(),
  jobs: z.array(z.unknown()),
  missing: z.number().default(0),
});

/** Before paid calls were counted, their number followed from what came of them. */
function withBegun(record: OldRecord): OldRecord {
  const old = uncounted.safeParse(record);
  if (!old.success || record.begun !== undefined) return record;
  const { stage, jobs, missing } = old.data;
  return { ...record, begun: jobs.length + missing + (stage === 'submitting' ? 1 : 0) };
}

/** The stage `unclear` was called `unknown`. */
const withUnclear = (record: OldRecord): OldRecord =>
  record.stage === 'unknown' ? { ...record, stage: 'unclear' } : record;

const anything = z.unknown();
const oldReason = z.looseObject({ problem: z.string().optional() }).nullable();
const oldResult = z.looseObject({ why: z.unknown().default(null), link: z.unknown().default(null) });
const oldJob = z.looseObject({
  missing: z.array(z.string()).default([]),
  overAt: z.number().nullable().default(null),
});

/** The first version's form: sixty fields beside each other, and counters in place of runs. */
const versionOne = z.object({
  id: anything,
  recipe: anything,
  stage: z.string(),
  requester: anything,
  guild: z.string().nullable(),
  account: z.string().default(defaultAccount),
  parent: z.string().nullable().default(null),
  card: z.looseObject({ restricted: z.boolean().default(false) }),
  reply: anything,
  prompt: anything,
  model: z.looseObject({ id: z.string(), silent: z.boolean().default(false) }),
  modelTakenAs: anything.default(null),
  options: z.looseObject({
    seed: z.number().optional(),
    variant_count: z.number().optional(),
    languages: z.array(z.string()).optional(),
  }),
  spoiler: z.boolean().default(false),
  inputs: anything,
  attachments: anything.default([]),
  upload: z
    .looseObject({
      direct: anything.default(null),
      transferred: z.boolean().default(false),
      explained: anything.default(null),
      link: anything.default(null),
    })
    .nullable(),
  uploadOver: z.boolean().default(false),
  uploadProblem: z.string().nullable(),
  readiness: anything,
  round: anything,
  quote: z.looseObject({ credits: z.number() }).nullable(),
  confirmed: anything,
  charged: anything,
  writtenOff: z.number().default(0),
  starts: z.number().default(1),
  begun: z.number(),
  jobs: z.array(oldJob),
  missing: z.number().default(0),
  unclear: z.number().default(0),
  look: anything.default(null),
  notice: anything,
  note: anything.default(null),
  reason: oldReason,
  words: anything.default(null),
  results: z.array(oldResult),
  replies: anything.default([]),
  sentAhead: z.array(z.looseObject({ results: z.array(oldResult) })).default([]),
  copies: anything.default([]),
  mentioned: z.boolean().default(false),
  deletedAt: anything.default(null),
  place: anything,
  submittedAt: anything,
  answer: anything.default('awaited'),
  claim: oldReason.default(null),
  lookUps: anything,
  running: anything,
  attempts: anything,
  failedReads: z.number().default(0),
  createdAt: anything,
  endedAt: anything,
  nextCheckAt: anything,
  giveUpAt: anything,
});
type VersionOne = z.infer<typeof versionOne>;

/** The fields went into groups, the counters became runs, and what is wrong with a file is a code. */
function withGroups(record: OldRecord): OldRecord {
  const read = versionOne.safeParse(record);
  if (!read.success) return record;
  const old = read.data;
  const { id, recipe, stage, requester, guild, account, parent, card, reply, createdAt, endedAt } = old;
  const { prompt, model, modelTakenAs, options, spoiler, inputs, attachments } = old;
  const { round, quote, confirmed, charged, writtenOff } = old;
  const { look, notice, note, reason, words, results, replies, sentAhead, copies, mentioned, deletedAt } = old;
  const { submittedAt, answer, claim, lookUps, running, attempts, failedReads, nextCheckAt, giveUpAt } = old;
  return {
    v: 2,
    id,
    recipe,
    stage,
    requester,
    guild,
    account,
    parent,
    card,
    reply,
    asked: { prompt, models: [model], modelTakenAs, options, spoiler, inputs, attachments },
    upload: {
      session: old.upload,
      isOver: old.uploadOver,
      // It was a sentence: the next look at the upload finds out what is wrong.
      problem: old.uploadProblem === null ? null : { code: 'doesNotWork' },
      readiness: old.readiness,
    },
    money: { round, quote, confirmed, charged, writtenOff },
    runs: runsOf(old),
    shown: {
      look,
      notice,
      note,
      reason: withProblemCode(reason),
      words,
      results,
      replies,
      sentAhead,
      copies,
      mentioned,
      deletedAt,
    },
    wait: {
      nextCheckAt,
      giveUpAt,
      position: old.place,
      submittedAt,
      answer,
      claim: withProblemCode(claim),
      lookUps,
      running,
      attempts,
      failedReads,
    },
    createdAt,
    endedAt,
  };
}

const withProblemCode = (reason: z.infer<typeof oldReason>) =>
  reason?.problem === undefined ? reason : { ...reason, problem: { code: 'doesNotWork' } };

/**
 * What the counters said, as runs: those with a job first, then what is unclear or was not started, then what is known
 * of the rest of the calls that were made, and last the calls that were not made.
 */
function runsOf(old: VersionOne): OldRecord[] {
  const { model, options, stage, starts, jobs, unclear, missing, quote } = old;
  const perCall = options.variant_count ?? options.languages?.length ?? 1;
  const asked = starts * perCall;
  // The first records did not count what was unclear.
  const isUncounted = stage === 'unclear' && jobs.length + unclear === 0;
  const begun = Math.min(starts, Math.max(old.begun, isUncounted ? 1 : 0)) * perCall;
  const states: OldRecord[] = [
    ...jobs.map((job) => ({ state: 'job', job: withNumbers(job) })),
    ...repeated(unclear, { state: 'unclear' }),
    ...repeated(missing, { state: 'refused' }),
  ];
  states.push(...repeated(begun - states.length, { state: restOfCall(stage, isUncounted) }));
  states.push(...repeated(asked - states.length, { state: 'waiting' }));
  return states.map((state, index) => {
    const call = Math.min(starts, Math.floor(index / perCall) + 1);
    return {
      model: model.id,
      seed: options.seed === undefined ? null : options.seed + index,
      credits: quote && index < asked ? quote.credits / asked : null,
      call,
      ...state,
    };
  });
}

/** What is known of the jobs of a call that no counter counted. */
function restOfCall(stage: string, isUncounted: boolean): string {
  if (stage === 'submitting') return 'begun';
  return isUncounted ? 'unclear' : 'shared';
}

const repeated = <Item>(count: number, item: Item): Item[] => Array.from({ length: Math.max(0, count) }, () => item);

/** Results without a name were called `file 2`, or `song 2`. */
function withNumbers(job: z.infer<typeof oldJob>): OldRecord {
  const missing = job.missing.map((name) => {
    const [, number] = /^(?:file|song) (\d+)$/.exec(name) ?? [];
    return number === undefined ? name : Number(number);
  });
  return { ...job, missing };
}
