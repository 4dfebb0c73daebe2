import { z } from 'zod';
import { isAskUndrawn } from '../flows/approval.ts';
import { type Flow, flowSchema, isOpen } from '../flows/flow.ts';
import { entriesOf } from '../guilds/entries.ts';
import type { Ledger } from '../guilds/ledger.ts';
import type { EndedFlows } from '../state/endedFlows.ts';
import type { FlowsOfPeople } from '../state/flowsOfPeople.ts';
import type { History } from '../state/history.ts';
import type { OpenFlows } from '../state/openFlows.ts';
import type { Write, Writes } from '../state/ownRecords.ts';
import { directMessages } from '../state/servers.ts';
import { BrokenRecord, isLasting, type Store } from '../state/store.ts';
import { entryOf } from './entry.ts';

/** Flows in memory whose latest change is not written yet. */
const maxUnwritten = 100;

const claimSchema = z.object({ v: z.literal(1), flow: z.string() });

/** The flows in the store: each under its own key, the open ones listed by server. */
export class FlowRecords {
  readonly #store: Store;
  readonly #open: OpenFlows;
  readonly #people: FlowsOfPeople;
  readonly #ledger: Ledger;
  readonly #ended: EndedFlows;
  readonly #history: History;
  /** How many tasks there are for each flow at this moment, and its record as it is known to be meanwhile. */
  readonly #inHand = new Map<string, { tasks: number; record?: Flow }>();
  /** Flows with a change that is not written yet. */
  readonly #unwritten = new Map<string, Flow>();
  /** Flows that have ended, and are not yet noted where one finds those that have. */
  readonly #ending = new Set<string>();
  /** Whose a job is, as long as no record says so. */
  readonly #claims = new Map<string, string>();

  constructor(
    store: Store,
    open: OpenFlows,
    people: FlowsOfPeople,
    ledger: Ledger,
    { ended, history }: { ended: EndedFlows; history: History },
  ) {
    this.#store = store;
    this.#open = open;
    this.#people = people;
    this.#ledger = ledger;
    this.#ended = ended;
    this.#history = history;
  }

  /**
   * Does something for a flow, which only this process writes. Its record is not read again meanwhile: one event often follows
   * another at once, and with a store that has lost its latest writes the flow would go back, perhaps to before a payment.
   */
  async during<Result>(id: string, task: () => Promise<Result>): Promise<Result> {
    const hand = this.#inHand.get(id) ?? { tasks: 0 };
    hand.tasks++;
    this.#inHand.set(id, hand);
    try {
      return await task();
    } finally {
      hand.tasks--;
      if (hand.tasks === 0) this.#inHand.delete(id);
    }
  }

  /** Reads a flow; undefined when it is not kept. */
  async load(id: string): Promise<Flow | undefined> {
    return this.#unwritten.get(id) ?? this.#inHand.get(id)?.record ?? this.#store.get(`flow:${id}`, flowSchema);
  }

  /**
   * Takes a change that a kill may undo: it is written together with the next one, or by `saveUnwritten`. Gives false where
   * too many wait for that already.
   */
  saveLater(flow: Flow): boolean {
    if (this.#unwritten.size >= maxUnwritten && !this.#unwritten.has(flow.id)) return false;
    this.#unwritten.set(flow.id, flow);
    return true;
  }

  /** The flows with a change that is not written yet. */
  unwritten(): string[] {
    return [...this.#unwritten.keys()];
  }

  /** Writes a flow whose latest change is not written yet. */
  async saveUnwritten(id: string): Promise<void> {
    const flow = this.#unwritten.get(id);
    if (flow) await this.save(flow);
  }

  /** As `load`, but keeps the record in memory until nothing more is being done for the flow. */
  async loadToChange(id: string): Promise<Flow | undefined> {
    const flow = await this.load(id);
    const hand = this.#inHand.get(id);
    if (hand && flow) hand.record = flow;
    return flow;
  }

  /** As `load`, but gives the error for a record that cannot be read; whoever runs the bot was told of it. */
  async loadOrBroken(id: string): Promise<Flow | BrokenRecord | undefined> {
    try {
      return await this.load(id);
    } catch (error) {
      if (error instanceof BrokenRecord) return error;
      throw error;
    }
  }

  /**
   * Writes a flow, and with it the lists it stands on. It is listed as open until its card shows how it ended, so no kill
   * can hide it or leave a card as it was, and as its requester's for good. Once it has ended, what it came to is in the
   * ledger.
   */
  async save(flow: Flow): Promise<void> {
    try {
      await this.#saveWithLists(flow);
    } catch (error) {
      if (!isLasting(error)) throw error;
      // A list that cannot be read was told to whoever runs the bot. What became of a flow is not lost for that.
      const write = (list: Writes) => this.#write(flow, list);
      await (isOpen(flow) ? this.#open.add(flow.guild ?? directMessages, flow.id, write) : write([]));
    }
    if (!isOpen(flow)) this.#people.ended(flow.id);
  }

  async #saveWithLists(flow: Flow): Promise<void> {
    const guild = flow.guild ?? directMessages;
    const before = this.#unwritten.get(flow.id) ?? this.#inHand.get(flow.id)?.record;
    if (before && isOpen(before) && !isOpen(flow)) this.#ending.add(flow.id);
    // Each list waits for its turn with those before it in hand: always in this order.
    const write = (lists: Writes) => this.#write(flow, lists);
    await this.#people.add(flow.requester, guild, flow.id, (person) => {
      const withPerson = (lists: Writes) => write([...person, ...lists]);
      if (isOpen(flow)) return this.#open.add(guild, flow.id, withPerson);
      const isOver = !awaitsItsCard(flow) && !isAskUndrawn(flow);
      return this.#settle(flow, (ledger) => {
        const withLedger = (lists: Writes) => withPerson([...ledger, ...lists]);
        if (isOver) return this.#leaveList(flow, withLedger);
        // A result is to be found also while approvers are still to see what became of their message.
        const isNew = flow.stage === 'delivered' && this.#ending.has(flow.id);
        return isNew ? this.#history.add(entryOf(flow, endOf(flow)), withLedger) : withLedger([]);
      });
    });
  }

  /**
   * Takes a flow that has ended off the list: its card says so. What is missing from the ledger, because an earlier version
   * was killed in between, is added.
   */
  async close(id: string): Promise<void> {
    const flow = await this.load(id);
    const guild = flow?.guild ?? directMessages;
    // Approvers are still to see what became of it.
    if (!flow || isOpen(flow) || isAskUndrawn(flow) || !(await this.#isToLeave(flow, guild))) return;
    await this.#settle(flow, (ledger) => this.#leaveList(flow, (lists) => this.#store.setAll([...ledger, ...lists])));
  }

  /** Takes a flow off the list of open ones. From then on it is found in the history, or among those without a result. */
  async #leaveList(flow: Flow, write: Write): Promise<void> {
    const { id, guild, stage } = flow;
    const server = guild ?? directMessages;
    if (!(await this.#isToLeave(flow, server))) return write([]);
    const leave: Write = (noted) => this.#open.remove(server, id, (list) => write([...noted, ...list]));
    if (stage === 'delivered') await this.#history.add(entryOf(flow, endOf(flow)), leave);
    else if (guild !== null) await this.#ended.add(guild, id, endOf(flow), leave);
    else await leave([]);
    this.#ending.delete(id);
  }

  /** One that has ended a moment ago may be on no list, because the store was emptied. */
  async #isToLeave({ id }: Flow, server: string): Promise<boolean> {
    return this.#ending.has(id) || (await this.#open.list(server)).includes(id);
  }

  /** Writes what a flow that has ended came to into its server's ledger. */
  async #settle(flow: Flow, write: Write): Promise<void> {
    if (flow.guild === null) await write([]);
    else await this.#ledger.settle(flow.guild, entriesOf(flow), write);
  }

  /** The ids of a server's open flows, and of those that ended a moment ago. */
  openIn(guild: string): Promise<string[]> {
    return this.#open.list(guild);
  }

  /** The servers of some shards, also those that have removed the bot. */
  servers(shards: readonly string[]): Promise<string[]> {
    return this.#open.servers(shards);
  }

  /** Removes the record of a flow that has ended, for good. What its jobs are claimed for stays, so that no other flow takes them. */
  async erase({ id, guild }: Pick<Flow, 'id' | 'guild'>): Promise<void> {
    delete this.#inHand.get(id)?.record;
    this.#unwritten.delete(id);
    this.#ending.delete(id);
    await this.#store.delete(`flow:${id}`);
    await this.#open.remove(guild ?? directMessages, id);
  }

  /** Overwrites a record without touching any list. */
  rewrite(flow: Flow): Promise<void> {
    return this.#write(flow, []);
  }

  async #write(flow: Flow, lists: Writes): Promise<void> {
    // Until it is written for certain, only the store can tell.
    delete this.#inHand.get(flow.id)?.record;
    const jobs = this.#claimed(flow.id);
    const claims = jobs.map((job) => [`job:${job}`, { v: 1, flow: flow.id }] as const);
    await this.#store.setAll([...lists, ...claims, [`flow:${flow.id}`, flow]]);
    for (const job of jobs) if (this.#claims.get(job) === flow.id) this.#claims.delete(job);
    this.#unwritten.delete(flow.id);
    const hand = this.#inHand.get(flow.id);
    if (hand) hand.record = flow;
  }

  /** Removes the list of a server's open flows. Throws when that cannot be written. */
  forgetServer(guild: string): Promise<void> {
    return this.#open.forgetServer(guild);
  }

  /** Notes that a listed id has no flow behind it. */
  forget(guild: string, id: string): Promise<void> {
    return this.#open.remove(guild, id);
  }

  /** Notes that a job belongs to a flow, which is written with the flow. */
  claim(job: string, flow: string): void {
    this.#claims.set(job, flow);
  }

  /** Whether jobs are claimed for a flow that its record, and what is written with it, do not name yet. */
  hasClaims(flow: string): boolean {
    return this.#claimed(flow).length > 0;
  }

  #claimed(flow: string): string[] {
    return [...this.#claims].flatMap(([job, owner]) => (owner === flow ? [job] : []));
  }

  /** The flow a job belongs to. */
  async claimedBy(job: string): Promise<string | undefined> {
    return this.#claims.get(job) ?? (await this.#store.get(`job:${job}`, claimSchema))?.flow;
  }
}

/** When a flow has ended, in milliseconds since 1970. */
const endOf = ({ endedAt, createdAt }: Flow) => endedAt ?? createdAt;

/** The flow that a record is of, when it is sound and open. */
export function openFlowOf(record: unknown): Flow | undefined {
  const flow = flowSchema.safeParse(record);
  return flow.success && isOpen(flow.data) ? flow.data : undefined;
}

/**
 * Whether the end of a flow still has to be drawn: also where its card is not known yet, for somebody may have pressed
 * Cancel on it before Discord's answer was there. A delivered result is on its card before it is saved.
 */
export const awaitsItsCard = ({ stage, card }: Flow) => stage !== 'delivered' && !card.lost;
