import { z } from 'zod';

const idSchema = z.string().regex(/^flow:[a-z]+:[a-z0-9]{1,32}$/);

export interface FlowButton {
  action: string;
  flow: string;
}

/** Writes `flow:<action>:<flow id>`; throws on a part that would not be read back. Discord allows 1 to 100 characters. */
export function writeCustomId({ action, flow }: FlowButton): string {
  return idSchema.parse(`flow:${action}:${flow}`);
}

/** Reads a custom id; undefined when it is not one of ours. */
export function readCustomId(text: string): FlowButton | undefined {
  if (!idSchema.safeParse(text).success) return undefined;
  const [, action = '', flow = ''] = text.split(':');
  return { action, flow };
}
