import type { Flow } from './flow.ts';
import { isOwnAccount } from './payer.ts';
import { leftIn } from './room.ts';

/** The share of what is left above which people are warned of a price. */
const dearAbove = 0.25;

/**
 * How much of what is left a price takes, in percent, where that is a lot; else undefined. What is left is that of the balance
 * or of the tightest spend limit, whichever is less. Somebody's own balance is not told: everybody could work it out from the share.
 * Pure.
 */
export function dearShare(flow: Pick<Flow, 'money' | 'account'>): number | undefined {
  const { quote, room } = flow.money;
  if (!quote || quote.credits <= 0 || isOwnAccount(flow)) return undefined;
  const left = Math.min(quote.balance, room ? leftIn(room) : Number.POSITIVE_INFINITY);
  const share = quote.credits / left;
  return share > dearAbove ? Math.round(share * 100) : undefined;
}
