import { z } from 'zod';
import { kindSchema } from '../kubeez/media.ts';
import { appliedStyleSchema } from './style.ts';

/** What somebody asked for, as a record keeps it. */

/** Files that a job needs: how many, of which kinds. Several needs are in the order in which the tool takes them. */
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
export type Need = z.infer<typeof needSchema>;

/** What the model row said when the flow was started; the price is read again before anything is spent. */
export const askedModelSchema = z.object({
  id: z.string(),
  name: z.string(),
  generationType: z.string(),
  /** How long a job usually takes. */
  seconds: z.number(),
  needs: z.array(needSchema),
  /** Most pictures it takes in all, where some may be those of a channel's style; 0: none of a style's. */
  pictures: z.number().default(0),
  /** Its clips have no sound, whatever is asked for. */
  silent: z.boolean(),
});
export type AskedModel = z.infer<typeof askedModelSchema>;

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
export type Options = z.infer<typeof optionsSchema>;

export const inputSchema = z.object({
  url: z.string(),
  kind: kindSchema,
  name: z.string(),
  seconds: z.number().optional(),
  bytes: z.number().optional(),
  /** Pixels. */
  width: z.number().optional(),
  height: z.number().optional(),
  /** Set where a file is not what the job starts from: the product of an ad. */
  role: z.literal('product').optional(),
  /** The MIME type Discord gives for it, perhaps none; set until the bot has looked at its first bytes. */
  claimedType: z.string().optional(),
});
export type Input = z.infer<typeof inputSchema>;

/** Why a model was taken when nobody chose one. */
const modelReasons = ['channel', 'server', 'picked', 'mostUsed', 'cheapest'] as const;
export type ModelReason = (typeof modelReasons)[number];

/** An option that a newly chosen model does not take as it was: what it takes in its place, or nothing. */
const adjustedSchema = z.object({
  option: z.enum(['aspect_ratio', 'duration', 'resolution', 'quality', 'sound']),
  from: z.string(),
  to: z.string().nullable(),
});
export type Adjusted = z.infer<typeof adjustedSchema>;

export const askedSchema = z.object({
  /** Empty where a job needs no words. */
  prompt: z.string(),
  /** The models of its runs. Files are judged by the first one. */
  models: z.tuple([askedModelSchema]).rest(askedModelSchema),
  /** Why this model was taken, when nobody chose it. */
  modelTakenAs: z.enum(modelReasons).nullable(),
  options: optionsSchema,
  /** What another model made of the options. */
  adjusted: z.array(adjustedSchema).default([]),
  /** How often this was changed while its price was not confirmed. */
  changes: z.number().default(0),
  /** What the channel's style adds; null where it adds nothing. */
  style: appliedStyleSchema.nullable().default(null),
  /** Whether results are hidden until somebody looks. */
  spoiler: z.boolean(),
  inputs: z.array(inputSchema),
  /** Files given with the command that Kubeez must have as uploads of its own. */
  attachments: z.array(inputSchema),
});
export type Asked = z.infer<typeof askedSchema>;
