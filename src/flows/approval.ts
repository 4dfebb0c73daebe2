import { z } from 'zod';
import { askedModelSchema } from './asked.ts';
import type { AnswerEvent, AnswerRefusal } from './events.ts';
import type { Flow } from './flow.ts';
import { sentMessageSchema } from './sentMessage.ts';

/** Who has to approve what a flow costs, and what they have answered. Pure. */

/** A rule of a server: whatever it is about must be approved. Roles and channels by their ids. */
export const approvalRuleSchema = z.object({
  /** Credits: what costs no more needs nobody. */
  above: z.number(),
  /** The kind it is about, by the name of its recipe; null: every kind. */
  kind: z.string().nullable(),
  /** The role whose requests it is about; null: everybody’s. */
  role: z.string().nullable(),
  /** The role that may approve. */
  approvers: z.string(),
  /** Where they are asked. */
  channel: z.string(),
});
export type ApprovalRule = z.infer<typeof approvalRuleSchema>;

const answerParts = { by: z.string(), at: z.number() };

/** Times are ms since 1970. */
export const approvalSchema = z.object({
  /** What the rules of the server said of the latest price; null: nobody has to approve it. */
  wanted: approvalRuleSchema.nullable(),
  /** The rule under which it was held first: that one counts from then on, whatever becomes of the settings. */
  rule: approvalRuleSchema.nullable(),
  /** How often approvers were asked: the number of the latest ask. */
  asks: z.number(),
  /** The message that asks; null until Discord has named it. */
  message: sentMessageSchema.nullable(),
  /** Those before it that are still there, in channels that were closed to the bot. */
  left: z.array(sentMessageSchema).default([]),
  /** How often that message was posted: somebody may delete it. */
  posts: z.number(),
  /** Why it is not where it should be: in the channel of the card instead, or nowhere. */
  problem: z.enum(['elsewhere', 'nowhere']).nullable(),
  /** Counts what the message should say; and up to which of these it is known to say it. */
  version: z.number(),
  drawn: z.number(),
  /** `isOffer`: the cheaper model that they offered was taken. */
  approved: z.object({ ...answerParts, credits: z.number(), isOffer: z.boolean() }).nullable(),
  declined: z.object({ ...answerParts, reason: z.string() }).nullable(),
  /** A cheaper model that the requester may take instead. `isRefused`: they would rather wait. */
  offer: z.object({ ...answerParts, model: askedModelSchema, credits: z.number(), isRefused: z.boolean() }).nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** Nobody was asked. */
export const notAsked: Approval = {
  wanted: null,
  rule: null,
  asks: 0,
  message: null,
  left: [],
  posts: 0,
  problem: null,
  version: 0,
  drawn: 0,
  approved: null,
  declined: null,
  offer: null,
};

/** The rule by which a flow is judged. */
export const ruleOf = ({ approval }: Pick<Flow, 'approval'>): ApprovalRule | null => approval.rule ?? approval.wanted;

/**
 * Whether a price must be approved before it is spent. An approval covers what costs no more, unless whoever gave it
 * confirmed the price as well.
 */
export function needsApproval(flow: Flow, credits: number): boolean {
  if (!ruleOf(flow)) return false;
  const { approved } = flow.approval;
  const isCovered = approved !== null && approved.credits >= credits && !isOwn(flow, approved.by);
  return !isCovered;
}

/** Whether somebody asked for it, or confirmed its price: then they cannot approve it. */
const isOwn = ({ requester, money: { confirmed } }: Flow, person: string) =>
  person === requester || person === confirmed?.by;

/** Whether an approver’s answer is accepted: undefined, or why not. Ids of buttons can be forged. */
export function whyNotAnswered(
  flow: Flow,
  { by, at, ask }: Pick<AnswerEvent, 'by' | 'at' | 'ask'>,
): AnswerRefusal | undefined {
  const { guild, card, approval, stage } = flow;
  const { rule, message, problem } = approval;
  const places = [rule?.channel, message?.channel, ...(problem === 'elsewhere' ? [card.channel] : [])];
  // Whoever is not where they are asked is told nothing of it.
  if (guild === null || at.guild !== guild || !rule || !places.includes(at.channel)) return 'gone';
  if (isOwn(flow, by.id)) return 'own';
  // The role of everybody has the id of the server, and Discord never lists it among somebody’s roles.
  if (rule.approvers !== guild && !by.roles.includes(rule.approvers)) return 'notApprover';
  return stage === 'held' && ask === approval.asks ? undefined : 'over';
}

/** Whether the message that asked is not known to say how the flow stands. */
export const isAskUndrawn = ({ approval: { message, version, drawn } }: Pick<Flow, 'approval'>) =>
  message !== null && drawn < version;

/** Whether nobody answered in time. */
export const isLapsed = ({ stage, approval: { rule, approved } }: Pick<Flow, 'stage' | 'approval'>) =>
  stage === 'expired' && rule !== null && approved === null;

/** A flow as it would be with the model that was offered; of several models none can be offered. */
export const withModel = (flow: Flow, model: Flow['asked']['models'][0]): Pick<Flow, 'asked' | 'runs'> => ({
  // What the card showed until then is another request: a press on it is not heard.
  asked: { ...flow.asked, models: [model], modelTakenAs: null, adjusted: [], changes: flow.asked.changes + 1 },
  runs: flow.runs.map((run) => ({ ...run, model: model.id, credits: null })),
});
