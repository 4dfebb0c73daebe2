import { z } from 'zod';
import { roomSchema } from './room.ts';

/** What a flow costs, as its record keeps it, and who spends it. Times are ms since 1970. */

const time = z.number();

export const moneySchema = z.object({
  /** Counts quotes asked for, so that a late answer to an earlier one is recognised. */
  round: z.number(),
  /** The price of all runs together. */
  quote: z
    .object({
      credits: z.number(),
      basis: z.enum(['list', 'exact', 'pessimistic']),
      balance: z.number(),
      at: time,
      until: time,
    })
    .nullable(),
  /** What the price was before it changed, in credits. */
  before: z.number().nullable().default(null),
  confirmed: z.object({ by: z.string(), credits: z.number(), at: time }).nullable(),
  /** What the tightest spend limit had left when the price was read; null where no limit applies. */
  room: roomSchema.nullable().default(null),
  /** When the first start of these runs was given out: the period of a spend limit in which their credits count. */
  heldAt: time.nullable().default(null),
  /** Credits taken, where the platform said so. */
  charged: z.number().nullable(),
  /**
   * Whether the credits of a failed flow came back, by the balance or the platform's record, where `charged` is null; null
   * where nothing tells. The ledger does not go by it.
   */
  refund: z.enum(['cameBack', 'stayedAway']).nullable().default(null),
  /** Credits that starts may have cost which stayed unclear until somebody chose to start again. */
  writtenOff: z.number(),
});

export const spenderSchema = z.object({
  /** The requester's roles when they asked, or when they confirmed. */
  roles: z.array(z.string()),
  /** Where it was asked for; of a thread, the channel it belongs to. Null in records from before this was kept. */
  channel: z.string().nullable(),
});
