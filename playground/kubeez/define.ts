import { z } from 'zod';
import { type Job, type Platform, ToolRefusal } from './platform.ts';

/** Adds a tool to a server: its name, what it is for, what it takes, whether it reads, acts or costs credits, and what it does. */
export type Define = <Shape extends z.ZodRawShape>(
  name: string,
  description: string,
  inputSchema: Shape,
  kind: 'read' | 'act' | 'pay',
  answerOf: (request: z.infer<z.ZodObject<Shape>>) => object | Promise<object>,
) => void;

export const mediaArguments = {
  prompt: z.string().min(1),
  model: z.string(),
  generation_type: z.string().optional(),
  negative_prompt: z.string().optional(),
  source_media_urls: z.union([z.string(), z.array(z.string())]).optional(),
  aspect_ratio: z.string().optional(),
  duration: z.string().optional(),
  quality: z.string().optional(),
  resolution: z.string().optional(),
  sound: z.boolean().optional(),
  seed: z.number().optional(),
};

/** Refuses as the platform refuses what a tool cannot work with. */
export function refuse(message: string): never {
  throw new ToolRefusal(422, 'invalid_parameters', message);
}

export const captionArguments = {
  media_url: z.string(),
  language: z.string().optional(),
  quality: z.enum(['auto', 'best']).optional(),
};

/** The captions of a video, once they are done: its tool waits for them. */
export async function captioned(
  platform: Platform,
  request: z.infer<z.ZodObject<typeof captionArguments>>,
): Promise<Job> {
  if (platform.ownFile(request.media_url).kind !== 'video') refuse('media_url must be a video.');
  const asked = { ...request, model: 'auto-caption', prompt: '', generation_type: 'captions' };
  const job = platform.start('captions', asked);
  await platform.over(job);
  return job;
}
