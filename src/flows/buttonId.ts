import { z } from 'zod';

const flowParts = z.tuple([z.string().regex(/^[a-z]+$/), z.string().regex(/^[a-z0-9]{1,32}$/)]);

/** A button or a form of a flow. */
export interface FlowButton {
  action: string;
  flow: string;
}

/** Writes `flow:<action>:<flow id>`; throws on a part that would not be read back. Discord allows 1 to 100 characters. */
export function writeButtonId({ action, flow }: FlowButton): string {
  return ['flow', ...flowParts.parse([action, flow])].join(':');
}

/** Reads what follows `flow:`; undefined when it is not that of a button or form of a flow. */
export function readButtonId(rest: string[]): FlowButton | undefined {
  const parsed = flowParts.safeParse(rest);
  if (!parsed.success) return undefined;
  const [action, flow] = parsed.data;
  return { action, flow };
}
