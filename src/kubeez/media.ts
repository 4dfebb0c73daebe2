import { z } from 'zod';

/** Shapes that answers of the platform and the records of flows share. */

export const mediaKinds = ['image', 'video', 'audio'] as const;
export const kindSchema = z.enum(mediaKinds);
export type MediaKind = z.infer<typeof kindSchema>;

/** One result of a job. */
const outputSchema = z.object({
  url: z.string(),
  /** A smaller rendition. */
  smaller: z.string().optional(),
  /** A picture of it. */
  poster: z.string().optional(),
  kind: kindSchema.optional(),
  /** What it is called: a song's title, `vocals`. */
  name: z.string().optional(),
  /** A picture that belongs to it: a song's cover. */
  cover: z.string().optional(),
  seconds: z.number().optional(),
});
export type Output = z.infer<typeof outputSchema>;

/** What a server may give in place of the answer to a call: MCP's task, which has the answer once it is completed. */
export const taskSchema = z.object({
  id: z.string(),
  /** Milliseconds that the server wants between two looks at it. */
  pause: z.number(),
});
export type Task = z.infer<typeof taskSchema>;

/** A spoken word with its beginning and end in milliseconds; kept short, because a film has thousands. */
export const wordSchema = z.tuple([z.string(), z.number(), z.number()]);
export type Word = z.infer<typeof wordSchema>;

/** How a job stands. */
export const jobStatusSchema = z.object({
  status: z.enum(['running', 'completed', 'failed']),
  /** Results that have their address. */
  outputs: z.array(outputSchema),
  /** Results without an address: what they are called, or their number, counted from 1, where they have no name. */
  missing: z.array(z.union([z.string(), z.number()])),
  error: z.string().nullable(),
  /** Credits that were taken; null where the platform does not tell. */
  charged: z.number().nullable(),
  seed: z.number().nullable(),
});

export interface JobStatus extends z.infer<typeof jobStatusSchema> {
  /** The job seems to be over, but something is missing, or its status is a word nobody knows. */
  isPartial: boolean;
}

/** A file that somebody uploaded. */
export interface UploadedFile {
  url: string;
  kind: MediaKind;
  name: string;
  seconds?: number | undefined;
  bytes?: number | undefined;
  /** Pixels, where the platform tells them. */
  width?: number | undefined;
  height?: number | undefined;
  /** Its MIME type, where the platform tells it. */
  type?: string | undefined;
  /** The platform could not read it at all; waiting does not help. */
  unreadable: boolean;
  /** The platform will have measured it in a moment. */
  unmeasured: boolean;
}
