import { z } from 'zod';
import { reasonSchema } from './reasons.ts';

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
  'unknown',
] as const;

export const recipeNames = ['image', 'edit', 'video', 'animate'] as const;

const time = z.number();

/** What the model row said when the flow was started; the price is read again before anything is spent. */
const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  generationType: z.string(),
  seconds: z.number(),
  inputKinds: z.array(z.enum(['image', 'video', 'audio'])),
  inputsMin: z.number(),
  inputsMax: z.number(),
});

/** What the requester chose, under the names that `generate_media` takes. */
export const optionsSchema = z.object({
  aspect_ratio: z.string().optional(),
  duration: z.string().optional(),
  resolution: z.string().optional(),
  quality: z.string().optional(),
  sound: z.boolean().optional(),
  negative_prompt: z.string().optional(),
  seed: z.number().optional(),
});

const inputSchema = z.object({
  url: z.string(),
  kind: z.enum(['image', 'video', 'audio']),
  name: z.string(),
  seconds: z.number().optional(),
  bytes: z.number().optional(),
});

export const outputSchema = z.object({
  url: z.string(),
  smaller: z.string().optional(),
  poster: z.string().optional(),
});

const jobSchema = z.object({
  id: z.string(),
  status: z.enum(['running', 'completed', 'failed']),
  outputs: z.array(outputSchema),
  error: z.string().nullable(),
  charged: z.number().nullable(),
  seed: z.number().nullable(),
});

const resultSchema = z.object({ name: z.string(), url: z.string(), as: z.enum(['file', 'smaller', 'poster', 'link']) });

/** One request of one user, from command to result: a plain record, saved at every step. Times are ms since 1970. */
export const flowSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  recipe: z.enum(recipeNames),
  stage: z.enum(stages),
  requester: z.string(),
  /** Server id, or null in a DM with the bot. */
  guild: z.string().nullable(),
  card: z.object({
    channel: z.string(),
    /** Null until Discord has named it, and after somebody deleted it. */
    message: z.string().nullable(),
    /** True when `message` is null because it was deleted or can no longer be written. */
    lost: z.boolean(),
    /** Bytes a file may have here. */
    fileLimit: z.number(),
  }),
  /** The command's interaction: finds a card whose id was not saved, and answers privately for 15 minutes. */
  reply: z.object({ application: z.string(), token: z.string(), until: time }),
  prompt: z.string(),
  model: modelSchema,
  options: optionsSchema,
  inputs: z.array(inputSchema),
  upload: z
    .object({ token: z.string(), url: z.string(), sentBy: z.enum(['dm', 'private']).nullable(), startedAt: time })
    .nullable(),
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
  lookUps: z.number(),
  place: z.number().nullable(),
  jobs: z.array(jobSchema),
  reason: reasonSchema.nullable(),
  /** What changed since the requester last looked: a sentence above the buttons. */
  notice: z.enum(['stale', 'moved', 'outage', 'busy', 'notFound', 'away', 'slow']).nullable(),
  results: z.array(resultSchema),
  /** Credits taken, where the platform said so. */
  charged: z.number().nullable(),
  /** When the jobs were started, and how many seconds they should take. */
  running: z.object({ since: time, seconds: z.number() }).nullable(),
  attempts: z.number(),
  createdAt: time,
  endedAt: time.nullable(),
  nextCheckAt: time.nullable(),
  giveUpAt: time,
});

export type Flow = z.infer<typeof flowSchema>;
export type Stage = Flow['stage'];
export type RecipeName = Flow['recipe'];
export type Options = Flow['options'];
export type Input = Flow['inputs'][number];
export type Job = Flow['jobs'][number];
export type Output = z.infer<typeof outputSchema>;
export type Result = Flow['results'][number];

/** What a flow begins with, whatever was asked for. */
export const untouched = {
  v: 1,
  upload: null,
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
  charged: null,
  running: null,
  attempts: 0,
  endedAt: null,
} satisfies Partial<Flow>;

const ends: readonly Stage[] = ['delivered', 'failed', 'cancelled', 'expired'];

/** Ended for good: nothing moves it any more. */
export const isTerminal = (flow: Flow) => ends.includes(flow.stage);

/** Open flows are taken up at start and have a next wake-up; `unknown` waits for a person, however long. */
export const isOpen = (flow: Flow) => !isTerminal(flow) && flow.stage !== 'unknown';
