import { z } from 'zod';
import { defaultAccount } from '../defaultAccount.ts';
import { migrate } from './migrate.ts';
import { reasonSchema } from './reasons.ts';
import { recipeNames } from './recipes/index.ts';

/** Where a flow stands. The order is the way of a flow that goes well; the last five are ends. */
export const stages = [
  'uploading',
  'quoting',
  'quoted',
  'queued',
  'submitting',
  'running',
  'delivering',
  'delivered',
  'failed',
  'cancelled',
  'expired',
  'unclear',
] as const;

/** Why a model is taken that nobody chose. */
const modelReasons = ['picked', 'mostUsed', 'cheapest'] as const;
export type ModelReason = (typeof modelReasons)[number];

const time = z.number();
const kindSchema = z.enum(['image', 'video', 'audio']);

/** Files a job cannot do without: so many of these kinds. Several needs stand in the order in which the tool takes them. */
const needSchema = z.object({
  kinds: z.array(kindSchema),
  min: z.number(),
  max: z.number(),
  /** Shortest and longest, in seconds. */
  seconds: z.tuple([z.number(), z.number()]).optional(),
  /** Largest file in bytes. */
  bytes: z.number().optional(),
  /** What the file is for, where that is not plain from its kind. */
  purpose: z.string().optional(),
});

/** What the model row said when the flow was started; the price is read again before anything is spent. */
const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  generationType: z.string(),
  seconds: z.number(),
  needs: z.array(needSchema),
  /** Its clips have no sound, whatever is asked for. */
  silent: z.boolean().default(false),
});

/** What the requester chose, under the names that the tools take. */
const optionsSchema = z.object({
  aspect_ratio: z.string().optional(),
  duration: z.string().optional(),
  resolution: z.string().optional(),
  quality: z.string().optional(),
  sound: z.boolean().optional(),
  negative_prompt: z.string().optional(),
  seed: z.number().optional(),
  instrumental: z.boolean().optional(),
  title: z.string().optional(),
  style: z.string().optional(),
  vocal_gender: z.enum(['m', 'f', 'random']).optional(),
  song_description: z.string().optional(),
  lyrics: z.string().optional(),
  negative_tags: z.string().optional(),
  dialogue: z.array(z.object({ text: z.string(), voice: z.string().optional() })).optional(),
  language: z.string().optional(),
  languages: z.array(z.string()).optional(),
  music_prompt: z.string().optional(),
  /** A job to be run again with other seeds. */
  source_job: z.string().optional(),
  variant_count: z.number().optional(),
});

export const inputSchema = z.object({
  url: z.string(),
  kind: kindSchema,
  name: z.string(),
  seconds: z.number().optional(),
  bytes: z.number().optional(),
  /** Set where a file is not what the job starts from: the product of an ad. */
  role: z.literal('product').optional(),
  /** The MIME type Discord gives for it, perhaps none; set until the bot has looked at its first bytes. */
  claimedType: z.string().optional(),
});

const outputSchema = z.object({
  url: z.string(),
  smaller: z.string().optional(),
  poster: z.string().optional(),
  kind: kindSchema.optional(),
  /** What it is called: a song's title, `vocals`. */
  name: z.string().optional(),
  /** A picture that belongs to it: a song's cover. */
  cover: z.string().optional(),
  seconds: z.number().optional(),
});

/** A spoken word with its beginning and end in milliseconds; kept short, because a film has thousands. */
const wordSchema = z.tuple([z.string(), z.number(), z.number()]);

const jobSchema = z.object({
  id: z.string(),
  status: z.enum(['running', 'completed', 'failed']),
  outputs: z.array(outputSchema),
  error: z.string().nullable(),
  charged: z.number().nullable(),
  seed: z.number().nullable(),
  /** Results that have no address yet, by what they are called. */
  missing: z.array(z.string()).default([]),
  /** When it was first seen to be over, wholly or in part. */
  overAt: time.nullable().default(null),
});

/** Why a result is not attached as it is. */
const obstacles = [
  'tooLarge',
  'refused',
  'noPermission',
  'unavailable',
  'unknownType',
  /** Discord takes not even a message with the link. */
  'linkRefused',
] as const;

const resultSchema = z.object({
  name: z.string(),
  url: z.string(),
  as: z.enum(['file', 'smaller', 'poster', 'link']),
  /** Why it is no file; null where it is one, and in records from before this was kept. */
  why: z.enum(obstacles).nullable().default(null),
  /** The address as a message may link to it; null where there is none to link to. */
  link: z.string().nullable().default(null),
  kind: kindSchema.optional(),
  seconds: z.number().optional(),
});

const messageSchema = z.object({ channel: z.string(), message: z.string() });

/** One request of one user, from command to result: a plain record, saved at every step. Times are ms since 1970. */
const recordSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  recipe: z.enum(recipeNames),
  stage: z.enum(stages),
  requester: z.string(),
  /** Server id, or null in a DM with the bot. */
  guild: z.string().nullable(),
  /** Whose credits pay: the bot's own account (`default`), or that of the server with this id. */
  account: z.string().default(defaultAccount),
  card: z.object({
    channel: z.string(),
    /** Null until Discord has named it, and after somebody deleted it. */
    message: z.string().nullable(),
    /** True when `message` is null because it was deleted or can no longer be written. */
    lost: z.boolean(),
    /** Bytes a file may have here. */
    fileLimit: z.number(),
    /** For adults only: what was made here stays here. */
    restricted: z.boolean().default(false),
  }),
  /**
   * The interaction that the card answers: finds a card whose id was not saved, edits the card and answers privately for
   * 15 minutes.
   */
  reply: z.object({ application: z.string(), token: z.string(), until: time }),
  /** A hash of what the card was known to show when this was saved; null where that was not certain. */
  look: z.string().nullable().default(null),
  /** The flow whose result this one goes on from. */
  parent: z.string().nullable().default(null),
  /** Empty where a job needs no words. */
  prompt: z.string(),
  model: modelSchema,
  /** Why this model was taken, when nobody chose it. */
  modelTakenAs: z.enum(modelReasons).nullable().default(null),
  options: optionsSchema,
  /** Whether results are hidden until somebody looks. */
  spoiler: z.boolean().default(false),
  /** Paid calls to make: variants are one call each. */
  starts: z.number().default(1),
  inputs: z.array(inputSchema),
  /** Files given with the command that Kubeez must have as uploads of its own. */
  attachments: z.array(inputSchema).default([]),
  upload: z
    .object({
      token: z.string(),
      url: z.string(),
      /** Where the bot itself may bring files to. */
      direct: z.string().nullable().default(null),
      /** Whether the attachments are there. */
      transferred: z.boolean().default(false),
      sentBy: z.enum(['dm', 'private']).nullable(),
      /** The two messages in the requester's DMs: what the link is for, and the link. */
      explained: messageSchema.nullable().default(null),
      link: messageSchema.nullable().default(null),
      startedAt: time,
    })
    .nullable(),
  /** A link was sent, and files are no longer awaited. */
  uploadOver: z.boolean().default(false),
  /** What is wrong with the uploaded files, in words for the card. */
  uploadProblem: z.string().nullable(),
  /** How well Kubeez could measure the inputs. */
  readiness: z.enum(['exact', 'pessimistic']).nullable(),
  /** Counts quotes asked for, so that a late answer to an earlier one is recognised. */
  round: z.number(),
  quote: z
    .object({
      credits: z.number(),
      basis: z.enum(['list', 'exact', 'pessimistic']),
      balance: z.number(),
      at: time,
      until: time,
    })
    .nullable(),
  confirmed: z.object({ by: z.string(), credits: z.number(), at: time }).nullable(),
  /** Set together with the stage `submitting`, before the paid call; only a new confirmation clears it. */
  submittedAt: time.nullable(),
  /** Paid calls made for this confirmation, without those that the platform proved it had refused. */
  begun: z.number(),
  /** Whether the answer to the latest paid call is still awaited. */
  answer: z.enum(['awaited', 'lost']).default('awaited'),
  /** Why that call was refused, if the words of its tool are true: words alone prove nothing. */
  claim: reasonSchema.nullable().default(null),
  lookUps: z.number(),
  place: z.number().nullable(),
  jobs: z.array(jobSchema),
  /** Jobs that were certainly never started: refused, or left out after others had begun. */
  missing: z.number().default(0),
  /** Jobs that may exist and may have been charged: the answer to their start was lost, and they were not found. */
  unclear: z.number().default(0),
  /** Credits that starts may have cost which stayed unclear until somebody chose to start again. */
  writtenOff: z.number().default(0),
  /** What was said in a film, where that is the result. */
  words: z.array(wordSchema).nullable().default(null),
  /** What the platform wants to be known about a start. */
  note: z.string().nullable().default(null),
  reason: reasonSchema.nullable(),
  /** What changed since the requester last looked: a sentence above the buttons. */
  notice: z
    .enum([
      'stale',
      'moved',
      'notStarted',
      'outage',
      'busy',
      'signedOut',
      'notFound',
      'noHistory',
      'away',
      'slow',
      'measuring',
      'linkInstead',
    ])
    .nullable(),
  results: z.array(resultSchema),
  /** Where it was shown again since. */
  copies: z.array(z.object({ channel: z.string(), message: z.string() })).default([]),
  /** Set once somebody deleted it: then it is its requester's alone. */
  deletedAt: time.nullable().default(null),
  /** Messages with what did not fit on the card. */
  replies: z.array(z.string()).default([]),
  /** The same while the card itself is not posted yet: with the results from the `first` one on. */
  sentAhead: z.array(z.object({ message: z.string(), first: z.number(), results: z.array(resultSchema) })).default([]),
  /** Whether the requester was told of the end by a mention. */
  mentioned: z.boolean().default(false),
  /** Credits taken, where the platform said so. */
  charged: z.number().nullable(),
  /** When the jobs were started, and how many seconds they should take. */
  running: z.object({ since: time, seconds: z.number() }).nullable(),
  attempts: z.number(),
  /** Reads in a row that failed for a reason that passes by itself. */
  failedReads: z.number().default(0),
  createdAt: time,
  endedAt: time.nullable(),
  nextCheckAt: time.nullable(),
  giveUpAt: time,
});

export const flowSchema = z.preprocess(migrate, recordSchema);

export type Flow = z.infer<typeof flowSchema>;
export type Stage = Flow['stage'];
export type Options = Flow['options'];
export type Input = Flow['inputs'][number];
export type Need = z.infer<typeof needSchema>;
export type Word = z.infer<typeof wordSchema>;
export type Job = Flow['jobs'][number];
export type Output = z.infer<typeof outputSchema>;
export type PostedResult = Flow['results'][number];
export type Obstacle = NonNullable<PostedResult['why']>;

/** What a flow begins with, whatever was asked for. */
export const flowDefaults = {
  v: 1,
  account: defaultAccount,
  modelTakenAs: null,
  look: null,
  parent: null,
  spoiler: false,
  starts: 1,
  attachments: [],
  missing: 0,
  unclear: 0,
  begun: 0,
  answer: 'awaited',
  claim: null,
  writtenOff: 0,
  words: null,
  note: null,
  replies: [],
  copies: [],
  deletedAt: null,
  upload: null,
  uploadOver: false,
  uploadProblem: null,
  readiness: null,
  round: 0,
  quote: null,
  confirmed: null,
  submittedAt: null,
  lookUps: 0,
  place: null,
  jobs: [],
  reason: null,
  notice: null,
  results: [],
  sentAhead: [],
  mentioned: false,
  charged: null,
  running: null,
  attempts: 0,
  failedReads: 0,
  endedAt: null,
} satisfies Partial<Flow>;

const ends: readonly Stage[] = ['delivered', 'failed', 'cancelled', 'expired'];

/** Ended for good: nothing moves it any more. */
export const isTerminal = (flow: Flow) => ends.includes(flow.stage);

/** Open flows are taken up at start and have a next wake-up; `unclear` waits for a person, however long. */
export const isOpen = (flow: Flow) => !isTerminal(flow) && flow.stage !== 'unclear';

/** Jobs a flow is about. */
export const jobsOf = (flow: Flow) => flow.starts * jobsAtOnce(flow);

/** Credits that one of its jobs costs, by the price that was confirmed. */
export const creditsPerJob = (flow: Flow) => Math.round(((flow.quote?.credits ?? 0) / jobsOf(flow)) * 100) / 100;

/** Credits that the flow has cost as far as is known, in the platform's words or by the price that was confirmed. */
export const creditsTaken = (flow: Flow) =>
  flow.charged ?? (flow.quote?.credits ?? 0) - (flow.missing + flow.unclear) * creditsPerJob(flow);

/** Jobs that one paid call begins. */
export const jobsAtOnce = ({ options }: Pick<Flow, 'options'>) =>
  options.variant_count ?? options.languages?.length ?? 1;
