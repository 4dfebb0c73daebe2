import { isDeepStrictEqual } from 'node:util';
import type { Flow, Stage } from '../flows/flow.ts';

/**
 * By how much the next look at a flow may be later than its record says, in milliseconds: shorter than what counts as
 * having been away, so that a start after a kill does not take a bot that was busy for one that was away.
 */
const furthest = 5 * 60_000;

/**
 * Whether a record that says when a flow is looked at next may stand, though that is at another time (both in milliseconds
 * since 1970). An earlier one would be taken for one that was moved on since.
 */
export const mayLag = (saved: number | null, next: number | null): boolean =>
  saved !== null && next !== null && next >= saved && next - saved < furthest;

/**
 * Whether a flow has to be written in place of its record. A job or an upload is looked at every few seconds, and mostly
 * all that changes is the time of the next look and what the card shows meanwhile. The process holds both, and a start
 * looks at every open flow anyway. A new token of an interaction comes with a new time until which it holds.
 */
export function isWorthSaving(record: Flow, flow: Flow): boolean {
  if (record.stage !== flow.stage || !mayLag(record.wait.nextCheckAt, flow.wait.nextCheckAt)) return true;
  return !isDeepStrictEqual(withoutPassing(record), withoutPassing(flow));
}

/** Where the answer to a question about the price may lead without anybody pressing anything. */
const afterPrice: readonly Stage[] = ['quoting', 'quoted', 'queued'];

/**
 * Whether a change may be written with the next one: a start that finds the record would ask for the price again and come
 * to the same. What somebody pressed may not, nor anything that has to do with a paid call.
 */
export const mayBeUndone = (record: Flow, flow: Flow): boolean =>
  record.stage === 'quoting' && afterPrice.includes(flow.stage) && isDeepStrictEqual(wishOf(record), wishOf(flow));

/** What people have asked for and confirmed, who pays, where the card is, and what became of the message to approvers. */
const wishOf = ({ asked, account, connectedAt, languages, card, money: { confirmed, round }, approval }: Flow) => {
  const { wanted: _, ...approved } = approval;
  return { asked, account, connectedAt, languages, card, confirmed, round, approved };
};

/** A flow without what may wait for the next save: the time of the next look, what its card shows, a token that has expired. */
const withoutPassing = (flow: Flow) => ({
  ...flow,
  reply: { ...flow.reply, token: '' },
  shown: { ...flow.shown, look: null },
  wait: { ...flow.wait, nextCheckAt: null },
});
