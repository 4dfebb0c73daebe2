import { z } from 'zod';
import { fileProblemSchema } from './fileProblems.ts';
import { roomSchema } from './room.ts';

/** What the rules of a server may have against something. */
export const ruleCodes = [
  'personBlocked',
  'channelClosed',
  'roleMissing',
  'kindForbidden',
  'wordBlocked',
  /** The style of the channel does not use a word. */
  'styleWord',
  /** What the style of the channel adds has such a word, while what was typed has none. */
  'stylePhrase',
  'tooManyFlows',
  'coolingDown',
  /** Nobody knows what the rules are: its record cannot be read. */
  'rulesUnreadable',
] as const;
export type RuleCode = (typeof ruleCodes)[number];

/** What the sentence of a rule names. */
const ruleFactsSchema = z.object({
  word: z.string().optional(),
  /** The name of the style that does not use it, or that adds it. */
  style: z.string().optional(),
  /** Where or to whom it is allowed. */
  channels: z.array(z.string()).optional(),
  roles: z.array(z.string()).optional(),
  /** Most flows at once. */
  max: z.number().optional(),
  /** When the next start is allowed, in milliseconds since 1970. */
  until: z.number().optional(),
});

/** Why a flow ended without a result. Each has a sentence in `src/text`. */
export const reasonSchema = z.object({
  code: z.enum([
    'insufficient',
    'moderation',
    'invalid',
    'outage',
    'busy',
    'unauthorized',
    'modelGone',
    'uploadGone',
    'badFile',
    'noPrice',
    'notOffered',
    'jobFailed',
    'lost',
    'gaveUp',
    'nowhere',
    'limitFull',
    /** Another account would pay now, and what it works from is with the one before. */
    'otherAccount',
    /** An approver said no. */
    'declined',
    ...ruleCodes,
  ]),
  /** Words of the platform, already cut and cleaned. */
  detail: z.string().optional(),
  /** What is wrong with a file. */
  problem: fileProblemSchema.optional(),
  /** Where to buy credits. */
  topUp: z.string().optional(),
  balance: z.number().optional(),
  price: z.number().optional(),
  /** The spend limit that has no room. */
  room: roomSchema.optional(),
  /** Of a rule of the server. */
  rule: ruleFactsSchema.optional(),
});

export type Reason = z.infer<typeof reasonSchema>;
