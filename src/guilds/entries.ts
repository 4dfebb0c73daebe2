import { z } from 'zod';
import { type Flow, isOpen } from '../flows/flow.ts';
import { isOwnAccount } from '../flows/payer.ts';
import { cents, hasBegun, type Run } from '../flows/runs.ts';
import type { Spend, Spender } from './limits.ts';

/** What the ledger says of a flow: one entry for each run, read off its record. Pure. */

const entryParts = {
  v: z.literal(1),
  flow: z.string(),
  /** Which of the flow's runs it is, counted from 0. */
  run: z.number(),
  person: z.string(),
  /** The channel that it counts for; of a thread, the one it belongs to. */
  channel: z.string(),
  recipe: z.string(),
  model: z.string(),
  /** Whose credits pay, by the account's name; `own`: those of the person, which no limit of the server counts. */
  account: z.string(),
  /** The platform's name of the job; null where there is none. */
  job: z.string().nullable(),
  /** What the platform charged, or where it did not say, what was confirmed; of what was released, what was held. */
  credits: z.number(),
  /** When the credits were held, in milliseconds since 1970: the period in which they count. */
  at: z.number(),
};

const endStates = [
  /** Charged. */
  'settled',
  /** Not charged: nothing was started, or it was given back. */
  'released',
  /** It may have been charged: counts against limits like what is settled. */
  'unclear',
] as const;

/** An entry as it is kept. */
export const entrySchema = z.object({ ...entryParts, state: z.enum(endStates) });
export type Entry = z.infer<typeof entrySchema>;
type EndState = Entry['state'];

/** An entry of a flow that may still be open: what is held is never kept, its record is what tells of it. */
export type FlowEntry = Omit<Entry, 'state'> & { state: EndState | 'held' };

/** What entries have as the account of a person: their id would outlive their name. */
const own = 'own';

/** Whether a person paid for it themselves. */
export const isOwn = ({ account }: Pick<FlowEntry, 'account'>) => account === own;

/** Who spends, and where, as limits see it. */
export const spenderOf = ({ requester, guild, spender, card }: Flow): Spender => ({
  person: requester,
  roles: guild === null ? spender.roles : [...spender.roles, guild],
  channel: spender.channel ?? card.channel,
});

/** When the credits of a flow were held; null where they are not. Milliseconds since 1970. */
export function heldAtOf(flow: Flow): number | null {
  const { money, wait } = flow;
  if (money.heldAt !== null || !hasBegun(flow)) return money.heldAt;
  // It was started by a version that did not keep this.
  return wait.submittedAt ?? money.confirmed?.at ?? null;
}

/** The entries of a flow; none before any of its starts was given out. */
export function entriesOf(flow: Flow): FlowEntry[] {
  const at = heldAtOf(flow);
  if (at === null || !hasBegun(flow)) return [];
  const { person, channel } = spenderOf(flow);
  const amounts = amountsOf(flow);
  return flow.runs.map((run, index) => {
    const { credits, state } = amounts[index] ?? { credits: 0, state: 'unclear' };
    return {
      v: 1,
      flow: flow.id,
      run: index,
      person,
      channel,
      recipe: flow.recipe,
      model: run.model,
      account: isOwnAccount(flow) ? own : flow.account,
      job: run.state === 'job' ? run.job.id : null,
      credits,
      at,
      state: isOpen(flow) && (state === 'unclear' || isOnItsWay(run)) ? 'held' : state,
    };
  });
}

/** What a flow spends, as limits see it; undefined where nothing is held and nothing was. */
export function spendOf(flow: Flow): Spend | undefined {
  const at = heldAtOf(flow);
  if (at === null) return undefined;
  const { person, channel } = spenderOf(flow);
  return { person, channel, at, isOwn: isOwnAccount(flow), credits: countedIn(entriesOf(flow)) };
}

/** Credits that count against limits. */
export const countedIn = (entries: readonly Pick<FlowEntry, 'credits' | 'state'>[]) =>
  cents(entries.reduce((sum, { credits, state }) => (state === 'released' ? sum : sum + credits), 0));

/** Whether a run may still be charged while its flow is open. */
const isOnItsWay = (run: Run) =>
  run.state === 'waiting' || run.state === 'begun' || (run.state === 'job' && run.job.status === 'running');

interface Amount {
  credits: number;
  state: EndState;
}

/** What each run of a flow that has ended came to. */
function amountsOf({ runs, money: { charged } }: Flow): Amount[] {
  const started = runs.filter(({ state }) => state === 'job' || state === 'shared');
  const isSplit = charged !== null && !isSumOf(started, charged);
  const prices = started.reduce((sum, { credits }) => sum + (credits ?? 0), 0);
  let rest = charged ?? 0;
  return runs.map((run) => {
    const price = run.credits ?? 0;
    if (run.state === 'waiting' || run.state === 'refused') return { credits: price, state: 'released' };
    if (run.state === 'begun' || run.state === 'unclear') return { credits: price, state: 'unclear' };
    if (!isSplit) return amountOf(run, runs);
    // The platform gave one sum for all: each run has its share of it, the last one what is left.
    const share =
      run === started.at(-1) ? rest : cents(prices > 0 ? (charged * price) / prices : charged / started.length);
    rest = cents(rest - share);
    return charged === 0 ? { credits: price, state: 'released' } : { credits: share, state: 'settled' };
  });
}

/** Whether the platform's word on each job adds up to its word on all. */
const isSumOf = (started: Run[], charged: number) =>
  started.every((run) => run.state === 'job' && run.job.charged !== null) &&
  cents(started.reduce((sum, run) => sum + (run.state === 'job' ? (run.job.charged ?? 0) : 0), 0)) === cents(charged);

/** What a started run came to by itself: in the platform's word, else by how its job ended. */
function amountOf(run: Run, runs: Run[]): Amount {
  const price = run.credits ?? 0;
  if (run.state === 'job' && run.job.charged !== null)
    return run.job.charged === 0
      ? { credits: price, state: 'released' }
      : { credits: run.job.charged, state: 'settled' };
  // A failed job is usually given back, but the platform did not say so; one that still ran may have been charged.
  const isDone = (one: Run) => one.state === 'job' && one.job.status === 'completed';
  const isCharged = run.state === 'shared' ? runs.some(isDone) : isDone(run);
  return { credits: price, state: isCharged ? 'settled' : 'unclear' };
}
