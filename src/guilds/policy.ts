import type { ApprovalRule } from '../flows/approval.ts';
import type { Reason, RuleCode } from '../flows/reasons.ts';
import type { RecipeName } from '../flows/recipes/index.ts';
import type { Settings } from './settings.ts';
import { forbiddenIn } from './style.ts';

/** What a server's rules say of one request. Pure. */

/** What somebody wants to make, as rules see it. */
export interface Wish {
  guild: string;
  person: string;
  /** Their roles, beside that of everybody. */
  roles: readonly string[];
  /** The channel; of a thread, the channel it belongs to. */
  channel: string;
  recipe: RecipeName;
  /** Everything they wrote for it. */
  texts: readonly string[];
  /** The prompt with what a style adds to it, and the name of that style; left out where none adds anything. */
  styled?: { prompt: string; style: string };
  /** What it costs, in credits, once that is known. */
  price?: number;
  /** Whether somebody has approved it: then it has waited long enough. */
  isApproved?: boolean;
}

/** What somebody has done so far in the server, beside what they want now. */
export interface Activity {
  /** Their open flows. */
  open: number;
  /** When their latest start was given out, in milliseconds since 1970; null where none is known. */
  lastStartAt: number | null;
}

/**
 * `refused` has the reason that people are told; `held` the rule by which somebody else has to approve it.
 */
export type Verdict =
  | { is: 'allowed' }
  | { is: 'held'; rule: ApprovalRule }
  | { is: 'refused'; reason: Reason & { code: RuleCode } };

export const allowed: Verdict = { is: 'allowed' };

export const refusedFor = (code: RuleCode, rule: Reason['rule'] = {}): Verdict => ({
  is: 'refused',
  reason: { code, rule },
});

/**
 * Whether somebody may make something. A server that has set nothing allows everything. Whoever manages the server is
 * asked like everybody else: they can change its rules.
 *
 * @param now milliseconds since 1970
 */
export function decide(
  wish: Wish,
  { rules, blocked, styles, approvals }: Pick<Settings, 'rules' | 'blocked' | 'styles' | 'approvals'>,
  { open, lastStartAt }: Activity,
  now: number,
): Verdict {
  const { channels, roles, kinds, maxFlows, cooldown } = rules;
  if (blocked.people.includes(wish.person)) return refusedFor('personBlocked');
  if (channels.length > 0 && !channels.includes(wish.channel)) return refusedFor('channelClosed', { channels });
  if (!hasOneOf(roles, wish)) return refusedFor('roleMissing', { roles });
  const ofKind = kinds[wish.recipe] ?? [];
  if (!hasOneOf(ofKind, wish)) return refusedFor('kindForbidden', { roles: ofKind });
  const word = blocked.words.findIn(wish.texts);
  if (word !== undefined) return refusedFor('wordBlocked', { word });
  const style = styles[wish.channel];
  const avoided = style?.words.findIn(wish.texts);
  if (style && avoided !== undefined) return refusedFor('styleWord', { word: avoided, style: style.name });
  const added = wish.styled && forbiddenIn([wish.styled.prompt], blocked.words, style?.words);
  if (added !== undefined) return refusedFor('stylePhrase', { word: added, style: wish.styled?.style ?? '' });
  if (maxFlows !== null && open >= maxFlows) return refusedFor('tooManyFlows', { max: maxFlows });
  const until = (lastStartAt ?? Number.NEGATIVE_INFINITY) + cooldown * 1000;
  if (cooldown > 0 && now < until && !wish.isApproved) return refusedFor('coolingDown', { until });
  const rule = approvalFor(wish, approvals);
  return rule ? { is: 'held', rule } : allowed;
}

/**
 * The rule by which a price must be approved; undefined where none applies. Of several the one that says most of what it is
 * about, then the one for the dearest: one approver is enough, and they are asked once.
 */
function approvalFor(wish: Wish, approvals: readonly ApprovalRule[]): ApprovalRule | undefined {
  const { price, recipe, guild, roles } = wish;
  if (price === undefined) return undefined;
  const applies = ({ above, kind, role }: ApprovalRule) =>
    price > above && (kind === null || kind === recipe) && (role === null || role === guild || roles.includes(role));
  const weight = ({ kind, role }: ApprovalRule) => (role === null ? 0 : 2) + (kind === null ? 0 : 1);
  return approvals.filter(applies).sort((one, other) => weight(other) - weight(one) || other.above - one.above)[0];
}

/** Whether somebody has one of these roles; where there is none, everybody is meant. */
const hasOneOf = (wanted: readonly string[], { roles, guild }: Pick<Wish, 'roles' | 'guild'>): boolean =>
  // The role of everybody has the id of the server, and Discord never lists it among somebody's roles.
  wanted.length === 0 || wanted.includes(guild) || wanted.some((role) => roles.includes(role));

/** Whether somebody may press the buttons of other people's flows. */
export const mayPressForOthers = (
  wish: Pick<Wish, 'person' | 'roles' | 'guild'>,
  { rules, blocked }: Pick<Settings, 'rules' | 'blocked'>,
): boolean => rules.pressers.length > 0 && hasOneOf(rules.pressers, wish) && !blocked.people.includes(wish.person);

/** Whether somebody may look through what others have made. */
export const mayLookThrough = (wish: Pick<Wish, 'roles' | 'guild'>, { rules }: Pick<Settings, 'rules'>): boolean =>
  hasOneOf(rules.viewers, wish);
