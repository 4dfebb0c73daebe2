import { z } from 'zod';
import { type Flow, isOpen } from '../../src/flows/flow.ts';
import { limitPeriods } from '../../src/flows/room.ts';
import { cents, jobsOf } from '../../src/flows/runs.ts';
import { type Entry, entriesOf, entrySchema, type FlowEntry, isOwn } from '../../src/guilds/entries.ts';
import type { Limit } from '../../src/guilds/limits.ts';
import { periodOf } from '../../src/guilds/period.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Disk } from './disk.ts';
import { isSamePrice, type PressLog } from './presses.ts';
import type { Promises } from './promises.ts';
import type { Settings, SettingsLog } from './settingsLog.ts';
import type { Troubles } from './troubles.ts';

interface Watched {
  accounts: KubeezAccounts;
  disk: Disk;
  promises: Promises;
  troubles: Troubles;
  presses: PressLog;
  settings: SettingsLog;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

const ledgerRow = /^kubeez:guild:\w+:ledger:\d{4}-\d\d:\w{8}:/;
const entryRow = z.object({ value: entrySchema });

/** Watches over what a server spends: no limit is passed, and its ledger is what Kubeez took. */
export class Spending {
  readonly #watched: Watched;
  /** The roles of the presses of which one led to a start, by flow and by when it was given out. */
  readonly #roles = new Map<string, string[][]>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks at a record as it was written. */
  onWritten(before: Flow | undefined, { id, guild, money, ...flow }: Flow): void {
    const { heldAt } = money;
    if (guild === null || heldAt === null || heldAt === before?.money.heldAt) return;
    const presses = this.#watched.promises.confirmingPresses({ id, guild, money, ...flow });
    const roles = presses.map((press) => [...press.roles, guild]);
    this.#roles.set(`${id} ${heldAt}`, roles);
  }

  /** A limit is what a manager typed, or was raised by what a manager pressed. */
  onSettings(before: Settings | undefined, after: Settings): void {
    const { presses, broken } = this.#watched;
    for (const { id, credits } of after.limits) {
      const known = before?.limits.find((one) => one.id === id);
      if (known?.credits === credits || presses.wasSet(credits)) continue;
      const raisedBy = credits - (known?.credits ?? 0);
      const raise = presses.use(
        (one) => one.id.startsWith('raise:yes:') && one.managesServer && isSamePrice(one.credits, raisedBy),
      );
      if (!raise) broken(`the limit ${id} became ${credits} credits, and no manager wanted that`);
    }
  }

  /** What must hold when nothing goes on any more. */
  atTheEnd(): void {
    const entries = this.#entries();
    this.#ledger(entries);
    const held = this.#flows().flatMap((flow) => (isOpen(flow) ? entriesOf(flow) : []));
    this.#limitsKept([...entries, ...held]);
  }

  #entries(): Entry[] {
    const rows = [...this.#watched.disk.records].filter(([key]) => ledgerRow.test(key));
    return rows.map(([, text]) => entryRow.parse(JSON.parse(text)).value);
  }

  /** Flows of the server; DMs have no ledger. */
  #flows(): Flow[] {
    return [...this.#watched.promises.flows.values()].filter(({ guild }) => guild !== null);
  }

  /** Each job of a flow that ended is in the ledger once, under the name of who asked for it, at what Kubeez took. */
  #ledger(entries: Entry[]): void {
    const { accounts, promises, broken } = this.#watched;
    const byJob = new Map<string, Entry>();
    for (const entry of entries) {
      if (entry.job === null) continue;
      if (byJob.has(entry.job)) broken(`job ${entry.job} is in the ledger twice`);
      byJob.set(entry.job, entry);
      // Captions come with the answer to their start, and have no name.
      if (entry.recipe !== 'captions' && !accounts.find(entry.job))
        broken(`the ledger has a job ${entry.job}, which Kubeez has not`);
      const flow = promises.flows.get(entry.flow);
      if (flow && entry.person !== flow.requester) broken(`the ledger has ${entry.job} under somebody else's name`);
    }
    const onList = new Set(promises.endedOnList().map(({ id }) => id));
    for (const flow of this.#flows()) {
      if (isOpen(flow) || onList.has(flow.id)) continue;
      for (const { id, charged } of jobsOf(flow)) {
        const entry = byJob.get(id);
        const cost = accounts.find(id)?.job.cost;
        if (!entry) broken(`job ${id} of ${flow.id} is in no ledger`);
        else if (charged !== null && entry.state === 'settled' && cents(entry.credits) !== cents(cost ?? 0))
          broken(`the ledger has ${entry.credits} credits for ${id}, and Kubeez took ${cost}`);
        else if (charged !== null && entry.state === 'released' && cost !== 0)
          broken(`the ledger has nothing for ${id}, and Kubeez took ${cost}`);
      }
    }
  }

  /** At no start was more held or spent than a limit allowed. */
  #limitsKept(entries: FlowEntry[]): void {
    const { places, machines } = this.#watched.troubles;
    // A price may move at the very moment of a start, and what counts when is told by the clock.
    if (places.has('movedPrices') || machines.has('clockSetBack')) return;
    const counted = entries.filter((entry) => entry.state !== 'released' && !isOwn(entry));
    for (const entry of counted) {
      const { at, flow, person } = entry;
      const limits = [...this.#limitsAt(at), ...this.#roleLimitsOf(flow, person, at)];
      // A limit may be set below what somebody has spent: that concerns no start of anybody else's.
      for (const limit of limits.filter((one) => isMeant(one, entry))) {
        const { start, end } = periodOf(limit.per, at, 'UTC');
        const sum = counted
          .filter((one) => one.at >= start && one.at <= at && one.at < end && isMeant(limit, one))
          .reduce((all, { credits }) => all + credits, 0);
        if (cents(sum) > limit.credits)
          this.#watched.broken(
            `${flow} passed a limit of ${limit.credits} credits a ${limit.per}: ${cents(sum)} are spent`,
          );
      }
    }
  }

  /** Limits that held at a moment, whatever a process knew; of those that were changed meanwhile the highest. */
  #limitsAt(at: number): Limit[] {
    const [first, ...others] = this.#watched.settings.around(at).map(({ limits }) => limits);
    return (first ?? []).flatMap((limit) => {
      if (limit.scope === 'role') return [];
      const same = others.map((limits) => limits.find(({ id }) => id === limit.id));
      if (same.includes(undefined)) return [];
      return { ...limit, credits: Math.max(limit.credits, ...same.flatMap((one) => one?.credits ?? [])) };
    });
  }

  /**
   * What the roles of somebody allow for a start, as limits of theirs: of several for one period the highest counts. Where
   * it is not known by which press they had which roles, the best for them is taken.
   */
  #roleLimitsOf(flow: string, person: string, at: number): PersonLimit[] {
    const roleSets = this.#roles.get(`${flow} ${at}`) ?? [];
    const versions = this.#watched.settings.around(at);
    return limitPeriods.flatMap((per) => {
      const allowed = versions.flatMap(({ limits }) =>
        roleSets.map((roles) => {
          const theirs = limits.filter(
            (one) => one.scope === 'role' && one.per === per && roles.includes(one.target ?? ''),
          );
          return theirs.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...theirs.map(({ credits }) => credits));
        }),
      );
      const credits = Math.max(...allowed);
      return Number.isFinite(credits) ? [{ scope: 'person' as const, target: person, per, credits }] : [];
    });
  }
}

type PersonLimit = Pick<Limit, 'scope' | 'target' | 'per' | 'credits'>;

const isMeant = ({ scope, target }: PersonLimit, { person, channel }: FlowEntry) =>
  scope === 'server' || target === (scope === 'channel' ? channel : person);
