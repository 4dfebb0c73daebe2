import { z } from 'zod';

const flowId = z.string().regex(/^flow:[a-z]+:[a-z0-9]{1,32}$/);

/** A button or a form of a flow. */
export interface FlowButton {
  action: string;
  flow: string;
}

/** Writes `flow:<action>:<flow id>`; throws on a part that would not be read back. Discord allows 1 to 100 characters. */
export function writeButtonId({ action, flow }: FlowButton): string {
  return flowId.parse(`flow:${action}:${flow}`);
}

/** Reads the id of a button or form; undefined when it is not that of a flow. */
export function readButtonId(text: string): FlowButton | undefined {
  if (!flowId.safeParse(text).success) return undefined;
  const [, action = '', flow = ''] = text.split(':');
  return { action, flow };
}
