import type { Flow } from '../flows/flow.ts';
import { isOwnAccount } from '../flows/payer.ts';
import type { Reason } from '../flows/reasons.ts';
import { leftIn, type Room } from '../flows/room.ts';
import { creditsOf, hasBegun } from '../flows/runs.ts';
import type { Logger } from '../log.ts';
import { BrokenRecord } from '../state/store.ts';
import { countedIn, heldAtOf, isOwn, spenderOf, spendOf } from './entries.ts';
import { keptFor, namesOf } from './forgotten.ts';
import { type Ledger, monthsFrom } from './ledger.ts';
import { type Limit, limitsFor, roomOf, type Spend, type Spender, tightestRoom } from './limits.ts';
import type { Verdict } from './policy.ts';
import type { GuildSettings } from './settings.ts';

const day = 24 * 3_600_000;

interface SpendLimitsParts {
  settings: Pick<GuildSettings, 'of' | 'known'>;
  ledger: Pick<Ledger, 'read'>;
  /** The open flows of a server, and of those that ended a moment ago. */
  openIn(guild: string): Promise<string[]>;
  load(flow: string): Promise<Flow | undefined>;
  clock: { now(): number };
  log: Logger;
}

/** What counts in a server: in memory from the moment on at which it is first read. */
interface Books {
  /** By flow and by when it was held. */
  spends: Map<string, Spend>;
  isLoaded: boolean;
  loading: Promise<void> | undefined;
  tidiedAt: number;
}

/** A flow that waits for its start. */
interface Queued {
  guild: string | null;
  spender: Spender;
  credits: number;
  /** Its requester pays for it themselves. */
  isOwn: boolean;
  /** Some of its starts were given out, and the credits of all are held. */
  isHeld: boolean;
}

/** Whether a start may be given out: since when its credits are held, or why not. */
export type StartVerdict = { heldAt: number } | { full: Room } | { ruledOut: Reason } | { payerRuledOut: true };

/**
 * The spend limits of servers, and what counts against them. Of open flows their records tell; of all others the ledger,
 * which is read once. One process has a server, so that what it knows is all there is.
 */
export class SpendLimits {
  readonly #parts: SpendLimitsParts;
  readonly #books = new Map<string, Books>();
  readonly #queued = new Map<string, Queued>();
  /** Starts that were given out and that no record tells of yet. */
  readonly #given = new Map<string, Spend & { guild: string }>();

  constructor(parts: SpendLimitsParts) {
    this.#parts = parts;
  }

  /** Takes note of a flow as it was saved. */
  readonly onSaved = (before: Flow, after: Flow): void => {
    const { id, guild, stage } = after;
    const isQueued = stage === 'queued';
    // The record tells by now what came of it.
    if (!isQueued || before.stage !== 'queued') this.#given.delete(id);
    if (isQueued) this.#queued.set(id, queuedOf(after));
    else this.#queued.delete(id);
    const books = guild === null ? undefined : this.#books.get(guild);
    if (books) note(books, after);
  };

  /** Takes out a flow whose record is gone. What it held counts as long as it would have. */
  forget(id: string): void {
    this.#queued.delete(id);
  }

  /** Forgets what counts in a server of which nothing is kept any more. */
  forgetServer(guild: string): void {
    this.#books.delete(guild);
  }

  /** What the tightest limit for a flow has left; null where none applies, or its requester pays themselves. Throws when the store cannot be read. */
  async room(flow: Flow): Promise<Room | null> {
    const { guild } = flow;
    if (guild === null || isOwnAccount(flow)) return null;
    await this.ready(guild);
    return this.#roomOf(guild, spenderOf(flow)) ?? null;
  }

  /** What each limit that applies to somebody has left. Throws when the store cannot be read. */
  async rooms(guild: string, spender: Spender): Promise<Room[]> {
    await this.ready(guild);
    const { limits, timeZone } = await this.#parts.settings.of(guild);
    return limitsFor(limits, spender).map((limit) => this.#now(guild, limit, spender, timeZone));
  }

  /** The same for every limit of a server but those of roles, which each person has for themselves. */
  async used(guild: string): Promise<Room[]> {
    await this.ready(guild);
    const { limits, timeZone } = await this.#parts.settings.of(guild);
    const shared = limits.filter(({ scope }) => scope !== 'role');
    return shared.map((limit) => this.#now(guild, limit, targetOf(limit), timeZone));
  }

  /**
   * Whether a flow that waits for its start may have it. If so, its credits are held from this moment on. Undefined when
   * it no longer waits. Throws when the store cannot be read.
   *
   * @param mayStart what the rules of its server say
   */
  async admit(id: string, mayStart: (id: string) => Verdict): Promise<StartVerdict | undefined> {
    const guild = this.#queued.get(id)?.guild;
    if (typeof guild === 'string') await this.ready(guild);
    // From here to the hold nothing may be awaited: somebody else would be given the same credits.
    const queued = this.#queued.get(id);
    if (!queued) return undefined;
    const at = this.#parts.clock.now();
    if (queued.guild === null || queued.isHeld) return { heldAt: at };
    const verdict = mayStart(id);
    if (verdict.is === 'refused') return { ruledOut: verdict.reason };
    const { spender, credits, isOwn } = queued;
    if (isOwn && this.#parts.settings.known(queued.guild)?.rules.ownAccounts !== true) return { payerRuledOut: true };
    const room = isOwn ? undefined : this.#roomOf(queued.guild, spender);
    if (room && credits > leftIn(room)) return { full: room };
    const { person, channel } = spender;
    this.#given.set(id, { guild: queued.guild, person, channel, credits, at, isOwn });
    return { heldAt: at };
  }

  #now(guild: string, limit: Limit, spender: Spender, timeZone: string): Room {
    return roomOf(limit, spender, this.#spendsOf(guild), this.#parts.clock.now(), timeZone);
  }

  #roomOf(guild: string, spender: Spender): Room | undefined {
    const { limits, timeZone } = this.#parts.settings.known(guild) ?? { limits: [], timeZone: 'UTC' };
    if (limits.length === 0) return undefined;
    return tightestRoom(limits, spender, this.#spendsOf(guild), this.#parts.clock.now(), timeZone);
  }

  #spendsOf(guild: string): Spend[] {
    const books = this.#books.get(guild);
    if (books) this.#tidy(books);
    const given = [...this.#given.values()].filter((one) => one.guild === guild);
    return [...(books?.spends.values() ?? []), ...given];
  }

  /**
   * When somebody's latest start in a server was given out, other than those of one flow; null where none is known.
   * Milliseconds since 1970.
   */
  lastStart(guild: string, person: string, except?: string): number | null {
    let last: number | null = null;
    const names = namesOf(person);
    const note = (flow: string, spend: Spend) => {
      const counts = names.includes(spend.person) && spend.credits > 0 && flow !== except;
      if (counts && spend.at > (last ?? 0)) last = spend.at;
    };
    for (const [key, spend] of this.#books.get(guild)?.spends ?? []) note(flowOf(key), spend);
    for (const [id, spend] of this.#given) if (spend.guild === guild) note(id, spend);
    return last;
  }

  /** Resolves when limits and starts of a server can be asked without waiting. Throws when the store cannot be read. */
  async ready(guild: string): Promise<void> {
    const { settings } = this.#parts;
    // Limits may be set while what counts against them is read.
    for (;;) {
      const { limits, rules } = settings.known(guild) ?? (await settings.of(guild));
      if ((limits.length === 0 && rules.cooldown === 0) || this.#books.get(guild)?.isLoaded) return;
      await this.#load(guild);
    }
  }

  async #load(guild: string): Promise<void> {
    const books = this.#books.get(guild) ?? newBooks();
    this.#books.set(guild, books);
    books.loading ??= this.#fill(guild, books).finally(() => {
      books.loading = undefined;
    });
    await books.loading;
  }

  /** Open flows first: one that ends meanwhile is in the ledger before it leaves their list. */
  async #fill(guild: string, books: Books): Promise<void> {
    const { openIn, ledger, clock } = this.#parts;
    const flows = await Promise.all((await openIn(guild)).map((id) => this.#flow(id)));
    // What was saved since they were read is known already, and newer.
    for (const flow of flows) if (flow && !books.spends.has(keyOf(flow.id, heldAtOf(flow)))) note(books, flow);
    const known = new Set(books.spends.keys());
    for (const month of monthsFrom(clock.now() - keptFor, clock.now())) {
      for (const entry of await ledger.read(guild, month)) {
        const key = keyOf(entry.flow, entry.at);
        if (known.has(key)) continue;
        const { person, channel, at } = entry;
        const before = books.spends.get(key)?.credits ?? 0;
        books.spends.set(key, { person, channel, at, isOwn: isOwn(entry), credits: before + countedIn([entry]) });
      }
    }
    books.isLoaded = true;
  }

  /** A record that cannot be read was set aside: what it held is not known. */
  async #flow(id: string): Promise<Flow | undefined> {
    const { load, log } = this.#parts;
    try {
      return await load(id);
    } catch (err) {
      if (!(err instanceof BrokenRecord)) throw err;
      log.error({ err, flow: id }, 'what this flow holds is not counted');
      return undefined;
    }
  }

  #tidy(books: Books): void {
    const now = this.#parts.clock.now();
    if (now - books.tidiedAt < day) return;
    books.tidiedAt = now;
    for (const [key, { at }] of books.spends) if (at < now - keptFor) books.spends.delete(key);
  }
}

const newBooks = (): Books => ({ spends: new Map(), isLoaded: false, loading: undefined, tidiedAt: 0 });

const keyOf = (flow: string, heldAt: number | null) => `${flow}:${heldAt}`;
const flowOf = (key: string) => key.slice(0, key.lastIndexOf(':'));

/** What a flow comes to takes the place of what it came to before. */
function note(books: Books, flow: Flow): void {
  const spend = spendOf(flow);
  if (spend) books.spends.set(keyOf(flow.id, spend.at), spend);
}

/** A limit's own channel or person, as somebody who would spend. */
const targetOf = ({ scope, target }: Limit): Spender => ({
  person: scope === 'person' ? (target ?? '') : '',
  roles: [],
  channel: scope === 'channel' ? (target ?? '') : '',
});

const queuedOf = (flow: Flow): Queued => ({
  guild: flow.guild,
  spender: spenderOf(flow),
  credits: creditsOf(flow.runs),
  isOwn: isOwnAccount(flow),
  isHeld: flow.money.heldAt !== null && hasBegun(flow),
});
