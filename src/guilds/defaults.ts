import { z } from 'zod';

/** Options that managers choose for a kind, beside its model and its shape. */
export const defaultsSchema = z.object({
  duration: z.string().optional(),
  resolution: z.string().optional(),
  quality: z.string().optional(),
  sound: z.boolean().optional(),
});
export type Defaults = z.infer<typeof defaultsSchema>;

export const defaultNames = ['duration', 'resolution', 'quality', 'sound'] as const;
export type DefaultName = (typeof defaultNames)[number];
