import { z } from 'zod';
import { type Flow, isOpen } from '../../src/flows/flow.ts';
import { cents, jobsOf } from '../../src/flows/runs.ts';
import { type Entry, entriesOf, entrySchema, type FlowEntry } from '../../src/guilds/entries.ts';
import { type Limit, limitSchema } from '../../src/guilds/limits.ts';
import { periodOf } from '../../src/guilds/period.ts';
import type { Platform } from '../kubeez/platform.ts';
import type { Disk } from './disk.ts';
import type { Promises } from './promises.ts';
import type { Troubles } from './troubles.ts';
import { trueTime } from './virtualTime.ts';

interface Watched {
  platform: Platform;
  disk: Disk;
  promises: Promises;
  troubles: Troubles;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

const settingsSchema = z.object({ value: z.object({ limits: z.array(limitSchema) }) });
const ledgerRow = /^kubeez:guild:\w+:ledger:\d{4}-\d\d:\w{8}:/;
const entryRow = z.object({ value: entrySchema });

/** Milliseconds by which what a process knows of a limit may differ from what the disk has of it. */
const settingsLag = 2_000;

/** Watches over what a server spends: no limit is passed, and its ledger is what Kubeez took. */
export class Spending {
  readonly #watched: Watched;
  /** The limits as they were written, and when. */
  readonly #limits: { at: number; limits: Limit[] }[] = [];

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Takes note of the limits of the server as they are written. */
  onWritten(key: string, text: string | undefined): void {
    if (!/^kubeez:guild:\d+$/.test(key) || text === undefined) return;
    const { limits } = settingsSchema.parse(JSON.parse(text)).value;
    this.#limits.push({ at: trueTime(), limits });
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
    const { platform, promises, broken } = this.#watched;
    const byJob = new Map<string, Entry>();
    for (const entry of entries) {
      if (entry.job === null) continue;
      if (byJob.has(entry.job)) broken(`job ${entry.job} is in the ledger twice`);
      byJob.set(entry.job, entry);
      // Captions come with the answer to their start, and have no name.
      if (entry.recipe !== 'captions' && !platform.jobs.has(entry.job))
        broken(`the ledger has a job ${entry.job}, which Kubeez has not`);
      const flow = promises.flows.get(entry.flow);
      if (flow && entry.person !== flow.requester) broken(`the ledger has ${entry.job} under somebody else's name`);
    }
    const onList = new Set(promises.endedOnList().map(({ id }) => id));
    for (const flow of this.#flows()) {
      if (isOpen(flow) || onList.has(flow.id)) continue;
      for (const { id, charged } of jobsOf(flow)) {
        const entry = byJob.get(id);
        const cost = platform.jobs.get(id)?.cost;
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
    const counted = entries.filter(({ state }) => state !== 'released');
    for (const { at, flow } of counted) {
      for (const limit of this.#limitsAt(at)) {
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

  /** Limits that held for some time before and after a moment; of those that were changed meanwhile the highest. */
  #limitsAt(at: number): Limit[] {
    const since = this.#limits.findLastIndex((one) => one.at <= at - settingsLag);
    const versions = this.#limits.slice(Math.max(0, since)).filter((one) => one.at <= at + settingsLag);
    if (since < 0) return [];
    const [first, ...others] = versions.map(({ limits }) => limits);
    return (first ?? []).flatMap((limit) => {
      const same = others.map((limits) => limits.find(({ id }) => id === limit.id));
      if (same.includes(undefined)) return [];
      return { ...limit, credits: Math.max(limit.credits, ...same.flatMap((one) => one?.credits ?? [])) };
    });
  }
}

const isMeant = ({ scope, target }: Limit, { person, channel }: FlowEntry) =>
  scope === 'server' || target === (scope === 'channel' ? channel : person);
