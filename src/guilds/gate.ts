import type { Asked } from '../flows/asked.ts';
import { type Flow, isOpen } from '../flows/flow.ts';
import { sentPrompt } from '../flows/style.ts';
import { textsOf } from '../flows/written.ts';
import { BrokenRecord } from '../state/store.ts';
import { spenderOf } from './entries.ts';
import { allowed, decide, refusedFor, type Verdict, type Wish } from './policy.ts';
import type { GuildSettings } from './settings.ts';
import type { SpendLimits } from './spendLimits.ts';

interface GateParts {
  settings: Pick<GuildSettings, 'of' | 'known'>;
  spendLimits: Pick<SpendLimits, 'lastStart' | 'ready'>;
  clock: { now(): number };
}

/** An open flow, as far as others are counted against it. */
interface OpenFlow {
  id: string;
  person: string;
  createdAt: number;
}

/** The prompt with what a style adds to it; nothing where none adds anything. */
export function styledOf(asked: Pick<Asked, 'prompt' | 'style'>): Pick<Wish, 'styled'> {
  const prompt = sentPrompt(asked);
  return asked.style && prompt !== asked.prompt ? { styled: { prompt, style: asked.style.name } } : {};
}

/** Asks the rules of a server about what somebody wants to make. In DMs there are none. */
export class Gate {
  readonly #parts: GateParts;
  readonly #open = new Map<string, Map<string, OpenFlow>>();
  /** Flows that wait for their start, and what they want. */
  readonly #queued = new Map<string, OpenFlow & { wish: Wish }>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Takes note of a flow as it was saved. */
  readonly onSaved = (_: Flow, after: Flow): void => {
    const { id, guild, requester: person, createdAt, stage } = after;
    if (guild === null) return;
    const flow: OpenFlow = { id, person, createdAt };
    if (stage === 'queued') this.#queued.set(id, { ...flow, wish: wishOf(after, guild) });
    else this.#queued.delete(id);
    const flows = this.#open.get(guild) ?? new Map<string, OpenFlow>();
    if (isOpen(after)) this.#open.set(guild, flows.set(id, flow));
    else flows.delete(id);
  };

  /** Takes out a flow whose record is gone. */
  forget(id: string): void {
    this.#queued.delete(id);
    for (const flows of this.#open.values()) flows.delete(id);
  }

  /** Takes out a server of which nothing is kept any more. */
  forgetServer(guild: string): void {
    this.#open.delete(guild);
  }

  /**
   * Whether somebody may begin something, by what is in memory: only the settings are read, the first time. What this
   * lets through is asked again with its price. Throws when the store cannot be read.
   */
  async mayBegin(wish: Omit<Wish, 'guild'> & { guild: string | null }): Promise<Verdict> {
    const { guild } = wish;
    if (guild === null) return allowed;
    return this.#whereReadable(async () => {
      await this.#parts.settings.of(guild);
      return this.#decide({ ...wish, guild });
    });
  }

  /**
   * Whether a flow may go on to its price, or past it: then the rules say who has to approve it, if anybody has. Throws when the
   * store cannot be read.
   */
  async mayGoOn(flow: Flow, price?: number): Promise<Verdict> {
    const { guild } = flow;
    if (guild === null) return allowed;
    return this.#whereReadable(async () => {
      const { rules } = await this.#parts.settings.of(guild);
      if (rules.cooldown > 0) await this.#parts.spendLimits.ready(guild);
      return this.#decide({ ...wishOf(flow, guild), ...(price === undefined ? {} : { price }) }, flow);
    });
  }

  /** Whether a flow that waits for its start may have it; asked without waiting, once everything was read. */
  readonly mayStart = (id: string): Verdict => {
    const flow = this.#queued.get(id);
    return flow ? this.#decide(flow.wish, flow) : allowed;
  };

  #decide(wish: Wish, flow?: Pick<OpenFlow, 'id' | 'createdAt'>): Verdict {
    const { settings, spendLimits, clock } = this.#parts;
    const { guild, person } = wish;
    const known = settings.known(guild);
    if (!known) return allowed;
    // A server may have thousands of flows: they are gone through only where that decides.
    const { maxFlows, cooldown } = known.rules;
    const open = maxFlows === null ? 0 : this.#openOf(guild, person, flow);
    const lastStartAt = cooldown === 0 ? null : spendLimits.lastStart(guild, person, flow?.id);
    return decide(wish, known, { open, lastStartAt }, clock.now());
  }

  /** How many flows somebody has open; of those begun before one of them, where there is one. */
  #openOf(guild: string, person: string, flow: Pick<OpenFlow, 'id' | 'createdAt'> | undefined): number {
    const flows = [...(this.#open.get(guild)?.values() ?? [])];
    return flows.filter((one) => one.person === person && (!flow || isOlder(one, flow))).length;
  }

  /** Where nobody can tell what the rules are, nothing is spent. */
  async #whereReadable(ask: () => Promise<Verdict>): Promise<Verdict> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof BrokenRecord) return refusedFor('rulesUnreadable');
      throw error;
    }
  }
}

/** Of two that were begun in the same moment one must count as the older, or both would be refused. */
const isOlder = (one: OpenFlow, { id, createdAt }: Pick<OpenFlow, 'id' | 'createdAt'>) =>
  one.id !== id && (one.createdAt < createdAt || (one.createdAt === createdAt && one.id < id));

function wishOf(flow: Flow, guild: string): Wish {
  const { person, roles, channel } = spenderOf(flow);
  const isApproved = flow.approval.approved !== null;
  const wish = { guild, person, roles, channel, recipe: flow.recipe, texts: textsOf(flow.asked), isApproved };
  return { ...wish, ...styledOf(flow.asked) };
}
