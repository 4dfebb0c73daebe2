import { z } from 'zod';
import { fileProblemSchema } from './fileProblems.ts';
import { roomSchema } from './room.ts';

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
});

export type Reason = z.infer<typeof reasonSchema>;
