import { z } from 'zod';

const flowParts = z.tuple([z.string().regex(/^[a-z]+$/), z.string().regex(/^[a-z0-9]{1,32}$/)]);

const askParts = z.tuple([
  z.enum(['approve', 'decline', 'offer', 'read']),
  z.string().regex(/^[a-z0-9]{1,32}\.\d{1,4}$/),
]);

/** A button of the message that asks approvers, and what it opens. `ask`: how often they were asked until then. */
export interface AskButton {
  answer: 'approve' | 'decline' | 'offer' | 'read';
  flow: string;
  ask: number;
}

/** Writes `approval:<answer>:<flow id>.<number of the ask>`; throws as below. */
export const writeAskId = ({ answer, flow, ask }: AskButton): string =>
  ['approval', ...askParts.parse([answer, `${flow}.${ask}`])].join(':');

/** Reads what follows `approval:`; undefined when it is not that of such a button. */
export function readAskId(rest: string[]): AskButton | undefined {
  const parsed = askParts.safeParse(rest);
  if (!parsed.success) return undefined;
  const [answer, key] = parsed.data;
  const [flow = '', ask] = key.split('.');
  return { answer, flow, ask: Number(ask) };
}

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
