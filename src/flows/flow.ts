import { z } from 'zod';
import { defaultAccount } from '../accountNames.ts';
import { kindSchema, wordSchema } from '../kubeez/media.ts';
import { locales } from '../text/languages.ts';
import { approvalSchema, notAsked } from './approval.ts';
import { askedSchema } from './asked.ts';
import { fileProblemSchema } from './fileProblems.ts';
import { migrate } from './migrate.ts';
import { moneySchema, spenderSchema } from './money.ts';
import { reasonSchema } from './reasons.ts';
import { recipeNames } from './recipes/index.ts';
import { runSchema } from './runs.ts';
import { sentMessageSchema } from './sentMessage.ts';

/** The stage of a flow, in the order of a flow that goes well; the last five are ends. */
export const stages = [
  'uploading',
  'quoting',
  'quoted',
  'held',
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

const time = z.number();

/** One that the bot no longer speaks counts as English. */
const languageSchema = z.enum(locales).catch('en');

const cardSchema = z.object({
  channel: z.string(),
  /** Null until Discord has named it, and after somebody deleted it. */
  message: z.string().nullable(),
  /** True when `message` is null because it was deleted or can no longer be written. */
  lost: z.boolean(),
  /** Bytes a file may have here. */
  fileLimit: z.number(),
  /** For adults only: what was made here stays here. */
  restricted: z.boolean(),
});

const uploadSchema = z.object({
  /** Null before it was opened, and once files are no longer awaited. */
  session: z
    .object({
      token: z.string(),
      url: z.string(),
      /** Where the bot itself may bring files to. */
      direct: z.string().nullable(),
      /** Whether the attachments are there. */
      transferred: z.boolean(),
      sentBy: z.enum(['dm', 'private']).nullable(),
      /** The two messages in the requester's DMs: what the link is for, and the link. */
      explained: sentMessageSchema.nullable(),
      link: sentMessageSchema.nullable(),
      startedAt: time,
    })
    .nullable(),
  /** A link was sent, and files are no longer awaited. */
  isOver: z.boolean(),
  /** What is wrong with the uploaded files. */
  problem: fileProblemSchema.nullable(),
  /** How well Kubeez could measure the inputs. */
  readiness: z.enum(['exact', 'pessimistic']).nullable(),
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
  why: z.enum(obstacles).nullable(),
  /** The address as a message may link to it; null where there is none to link to. */
  link: z.string().nullable(),
  kind: kindSchema.optional(),
  seconds: z.number().optional(),
});

const shownSchema = z.object({
  /** A hash of what the card was known to show when this was saved; null where that was not certain. */
  look: z.string().nullable(),
  /** What changed since the requester last looked: a sentence above the buttons. */
  notice: z
    .enum([
      'stale',
      'moved',
      'changed',
      'payer',
      'pictures',
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
  /** What the platform wants to be known about a start, in its own words. */
  note: z.string().nullable(),
  /** Why it ended without a result, or is unclear. */
  reason: reasonSchema.nullable(),
  /** What was said in a film, where that is the result. */
  words: z.array(wordSchema).nullable(),
  results: z.array(resultSchema),
  /** Messages with what did not fit on the card. */
  replies: z.array(z.string()),
  /** The same while the card itself is not posted yet: with the results from the `first` one on. */
  sentAhead: z.array(z.object({ message: z.string(), first: z.number(), results: z.array(resultSchema) })),
  /** Where it was shown again since. */
  copies: z.array(sentMessageSchema),
  /** Whether the requester was told of the end by a mention. */
  mentioned: z.boolean(),
  /** Set once somebody deleted it: then it is its requester's alone. */
  deletedAt: time.nullable(),
});

const waitSchema = z.object({
  /** When something is to be done by itself; null where nothing is. */
  nextCheckAt: time.nullable(),
  /** When the wait of this stage comes to its end. */
  giveUpAt: time,
  /** Where it stands in the account's line, counted from 1; null where it does not wait there, or does not know yet. */
  position: z.number().nullable(),
  /** Set together with the stage `submitting`, before the paid call; only a new confirmation clears it. */
  submittedAt: time.nullable(),
  /** Whether the answer to the latest paid call is still awaited. */
  answer: z.enum(['awaited', 'lost']),
  /** Why that call was refused, if the words of its tool are true: words alone prove nothing. */
  claim: reasonSchema.nullable(),
  /** Look-ups of that call's jobs that found nothing. */
  lookUps: z.number(),
  /** When the jobs were started, and how many seconds they should take. */
  running: z.object({ since: time, seconds: z.number() }).nullable(),
  /** Tries to bring the result. */
  attempts: z.number(),
  /** Reads in a row that failed for a reason that passes by itself. */
  failedReads: z.number(),
  /** When the latest of them failed. */
  failedAt: time.nullable().default(null),
});

/** One request of one user, from command to result: a plain record, saved at every step. Times are ms since 1970. */
const recordSchema = z.object({
  v: z.literal(2),
  id: z.string(),
  recipe: z.enum(recipeNames),
  stage: z.enum(stages),
  requester: z.string(),
  /** Server id, or null in a DM with the bot. */
  guild: z.string().nullable(),
  /** What spend limits go by, beside the requester. */
  spender: spenderSchema.default({ roles: [], channel: null }),
  /** Whose credits pay, by the account's name (`accountNames.ts`). */
  account: z.string(),
  /** When that account was connected; null for the bot's own, and in records from before this was kept. */
  connectedAt: time.nullable().default(null),
  /** The flow whose result this one goes on from. */
  parent: z.string().nullable(),
  /** In which languages the card is written, and what only the requester reads: those of the moment it began. */
  languages: z.object({ card: languageSchema, requester: languageSchema }).default({ card: 'en', requester: 'en' }),
  card: cardSchema,
  /**
   * The interaction that the card answers: finds a card whose id was not saved, edits the card and answers privately for
   * 15 minutes.
   */
  reply: z.object({ application: z.string(), token: z.string(), until: time }),
  asked: askedSchema,
  upload: uploadSchema,
  money: moneySchema,
  approval: approvalSchema.default(notAsked),
  runs: z.array(runSchema),
  shown: shownSchema,
  wait: waitSchema,
  createdAt: time,
  endedAt: time.nullable(),
  /** When what people wrote, their files and the links to results were removed; null while they are kept. */
  clearedAt: time.nullable().default(null),
});

export const flowSchema = z.preprocess(migrate, recordSchema);

export type Flow = z.infer<typeof flowSchema>;
export type Stage = Flow['stage'];
export type PostedResult = z.infer<typeof resultSchema>;
export type Obstacle = NonNullable<PostedResult['why']>;

/** What a flow begins with, whatever was asked for. */
export const flowDefaults = {
  v: 2,
  account: defaultAccount,
  connectedAt: null,
  parent: null,
  languages: { card: 'en', requester: 'en' },
  spender: { roles: [], channel: null },
  upload: { session: null, isOver: false, problem: null, readiness: null },
  money: {
    round: 0,
    quote: null,
    before: null,
    confirmed: null,
    room: null,
    heldAt: null,
    charged: null,
    refund: null,
    writtenOff: 0,
  },
  approval: notAsked,
  shown: {
    look: null,
    notice: null,
    note: null,
    reason: null,
    words: null,
    results: [],
    replies: [],
    sentAhead: [],
    copies: [],
    mentioned: false,
    deletedAt: null,
  },
  wait: {
    position: null,
    submittedAt: null,
    answer: 'awaited',
    claim: null,
    lookUps: 0,
    running: null,
    attempts: 0,
    failedReads: 0,
    failedAt: null,
  },
  endedAt: null,
  clearedAt: null,
} satisfies Partial<Omit<Flow, 'wait'>> & { wait: Partial<Flow['wait']> };

const ends: readonly Stage[] = ['delivered', 'failed', 'cancelled', 'expired'];

/** Ended for good: no event changes it any more. */
export const isTerminal = (flow: Flow) => ends.includes(flow.stage);

/** Open flows are taken up at start and have a next wake-up; `unclear` waits for a person, however long. */
export const isOpen = (flow: Flow) => !isTerminal(flow) && flow.stage !== 'unclear';

/** Seconds until the last of its jobs should be done, according to the catalogue. */
export const secondsExpected = ({ asked }: Pick<Flow, 'asked'>) =>
  Math.max(...asked.models.map(({ seconds }) => seconds));
