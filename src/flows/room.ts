import { z } from 'zod';
import { cents } from './runs.ts';

/** What a spend limit of a server may be about; a role’s limit is what each person with the role may spend. */
export const limitScopes = ['server', 'channel', 'role', 'person'] as const;
/** How long a spend limit counts, before it renews. */
export const limitPeriods = ['day', 'week', 'month'] as const;

/** What the tightest spend limit that applies to a flow has left. */
export const roomSchema = z.object({
  /** The id of the limit. */
  limit: z.string(),
  scope: z.enum(limitScopes),
  per: z.enum(limitPeriods),
  /** Credits in each period. */
  credits: z.number(),
  /** Credits that are spent, held or unclear in this one. */
  used: z.number(),
  /** When it renews, in milliseconds since 1970. */
  until: z.number(),
});
export type Room = z.infer<typeof roomSchema>;

/** Whose limit it is, as people are told: one for a role is each person’s own. */
export const whoseLimit = ({ scope }: Pick<Room, 'scope'>) =>
  scope === 'role' || scope === 'person' ? ('own' as const) : scope;

/** Credits that are left; none where more was spent than a limit allows by now. */
export const leftIn = ({ credits, used }: Pick<Room, 'credits' | 'used'>) => Math.max(0, cents(credits - used));
