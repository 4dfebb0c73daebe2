import { z } from 'zod';
import { leftIn, limitPeriods, limitScopes, type Room } from '../flows/room.ts';
import { cents } from '../flows/runs.ts';
import { namesOf } from './forgotten.ts';
import { periodOf } from './period.ts';

/** Spend limits of a server: which apply, and what they have left. Pure. */

export const limitSchema = z.object({
  id: z.string(),
  /** Credits that may be spent in each period. */
  credits: z.number().min(0),
  per: z.enum(limitPeriods),
  scope: z.enum(limitScopes),
  /** The channel, role or person it is about; null for the server. */
  target: z.string().nullable(),
  /** What the target was called when the limit was set, for lists without mentions. */
  label: z.string().default(''),
});
export type Limit = z.infer<typeof limitSchema>;

/** Who wants to spend, and where. */
export interface Spender {
  person: string;
  /** With that of everybody, which has the id of the server: Discord never lists it among somebody's roles. */
  roles: readonly string[];
  /** The channel; of a thread, the channel it belongs to. */
  channel: string;
}

/** Credits that are charged, held, or unclear. */
export interface Spend {
  /** Whether the person pays for it themselves: then it counts against no limit. */
  isOwn: boolean;
  person: string;
  channel: string;
  credits: number;
  /** When they were held, in milliseconds since 1970. */
  at: number;
}

/**
 * The limits that apply to somebody: all of the server, the channel and the person; of the limits of their roles only the
 * highest for each period.
 */
export function limitsFor(limits: readonly Limit[], spender: Spender): Limit[] {
  const applying = limits.filter((limit) => isMeant(limit, spender));
  return applying.filter((limit) => limit.scope !== 'role' || limit === highest(applying, limit.per));
}

function isMeant({ scope, target }: Limit, { person, roles, channel }: Spender): boolean {
  switch (scope) {
    case 'server':
      return true;
    case 'channel':
      return target === channel;
    case 'role':
      return target !== null && roles.includes(target);
    case 'person':
      return target === person;
  }
}

const highest = (applying: Limit[], per: Limit['per']) =>
  applying
    .filter((one) => one.scope === 'role' && one.per === per)
    .reduce<Limit | undefined>((most, one) => (most && most.credits >= one.credits ? most : one), undefined);

/** Whether what was spent counts against a limit that applies to somebody. A role’s limit is for each of its people. */
function counts({ scope }: Limit, spend: Spend, channel: string, names: readonly string[]): boolean {
  if (spend.isOwn) return false;
  if (scope === 'server') return true;
  return scope === 'channel' ? spend.channel === channel : names.includes(spend.person);
}

/** What a limit that applies to somebody has left at a moment. */
export function roomOf(limit: Limit, spender: Spender, spends: Iterable<Spend>, now: number, timeZone: string): Room {
  const { start, end } = periodOf(limit.per, now, timeZone);
  const names = namesOf(spender.person);
  let used = 0;
  for (const spend of spends)
    if (spend.at >= start && spend.at < end && counts(limit, spend, spender.channel, names)) used += spend.credits;
  const { id, scope, per, credits } = limit;
  return { limit: id, scope, per, credits, used: cents(used), until: end };
}

/**
 * What the tightest of all limits that apply has left; undefined where none applies. What fits it fits all of them. Of
 * several, the one that renews last.
 *
 * @param spends may be gone through more than once
 */
export function tightestRoom(
  limits: readonly Limit[],
  spender: Spender,
  spends: readonly Spend[],
  now: number,
  timeZone: string,
): Room | undefined {
  const [tightest] = limitsFor(limits, spender)
    .map((limit) => roomOf(limit, spender, spends, now, timeZone))
    .sort((a, b) => leftIn(a) - leftIn(b) || b.until - a.until);
  return tightest;
}
