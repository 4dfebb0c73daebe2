import { z } from 'zod';
import { promptLine, renderCard } from '../../src/flows/card.ts';
import { type Flow, isOpen, isTerminal } from '../../src/flows/flow.ts';
import { callsOf, jobsOf, runsIn } from '../../src/flows/runs.ts';
import type { Channel, Message, World } from '../discord/world.ts';
import type { Job } from '../kubeez/platform.ts';
import type { KubeezAccounts } from './accounts.ts';
import { type Disk, flowOf } from './disk.ts';
import { isSamePrice, type Press, type PressLog } from './presses.ts';
import { trueTime } from './virtualTime.ts';

/** A flow as it was written. The bot parses whatever it reads of it: what fits no schema is told there. */
const recordSchema = z.object({ value: z.custom<Flow>() });

interface Watched {
  world: World;
  accounts: KubeezAccounts;
  disk: Disk;
  presses: PressLog;
  /** Whether a server has removed the bot. */
  isRemoved(guild: string | null): boolean;
  /** Whether a channel may have been closed to the bot. */
  mayBeClosed(channel: Channel): boolean;
  /** Whether a write may arrive after another process has taken over. */
  mayBeLate(): boolean;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** A confirmation as a record told of it. */
interface Confirmation {
  credits: number;
  at: number;
  /** The presses of which one stands behind it: another one may have been lost. */
  presses: Press[];
}

/** Watches over a story: what was promised is looked at after every write, and all of it at the end. */
export class Promises {
  readonly #watched: Watched;
  /** The latest record of every flow. */
  readonly flows = new Map<string, Flow>();
  readonly #confirmed = new Map<string, Confirmation[]>();
  /** Unclear jobs that somebody gave up by starting again, by flow. */
  readonly #writtenOff = new Map<string, number>();
  /** The words by which each flow and its jobs are known, also when they are no longer kept. */
  readonly #families = new Map<string, string>();
  /** Records that are gone, and when. */
  readonly #forgotten = new Map<string, Flow>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks at a record as it was written. */
  onWritten(key: string, text: string | undefined): void {
    const id = flowOf(key);
    if (id === undefined || text === undefined) return;
    const flow = recordSchema.parse(JSON.parse(text)).value;
    const before = this.flows.get(id);
    this.flows.set(id, flow);
    if (flow.clearedAt === null) this.#families.set(id, flow.asked.prompt.trim() || flow.recipe);
    this.#noteConfirmation(flow);
    if (before && isTerminal(before) && before.stage !== flow.stage)
      this.#watched.broken(`${id} went from ${before.stage}, an end, to ${flow.stage}`);
    if (before) this.#moved(before, flow);
    if (before && flow.money.writtenOff > before.money.writtenOff)
      this.#writtenOff.set(id, (this.#writtenOff.get(id) ?? 0) + runsIn(before, 'unclear').length);
    if (isOpen(flow) && flow.wait.nextCheckAt === null)
      this.#watched.broken(`${id} is ${flow.stage} and never wakes up`);
    if (callsBegun(flow) > this.#confirmedOf(id).length * callsOf(flow))
      this.#watched.broken(`${id} made more paid calls than were confirmed`);
  }

  /** The record is gone: of its flow nothing can be asked any more. */
  forget(id: string): void {
    const flow = this.flows.get(id);
    if (flow) this.#forgotten.set(id, flow);
    this.flows.delete(id);
  }

  /** The record was removed on purpose, with everything of its server. */
  drop(id: string): void {
    this.flows.delete(id);
  }

  #familyOf = ({ id, recipe }: Flow) => this.#families.get(id) ?? recipe;

  wasForgotten = (id: string) => this.#forgotten.has(id);

  /**
   * Whether the bot may not have noticed yet that a record is gone: it looks when the flow wakes up. A process that has
   * never read it cannot know of it, and a record that did not name its card is missed by nobody.
   */
  mayNotKnow(id: string): boolean {
    const gone = this.#forgotten.get(id);
    if (gone === undefined) return false;
    const { card, wait } = gone;
    const { disk } = this.#watched;
    const reader = disk.readers.get(`kubeez:flow:${id}`);
    const isUnread = reader === undefined || !disk.isHolder(reader);
    return card.message === null || isUnread || (wait.nextCheckAt ?? 0) > trueTime() - patience;
  }

  /** Whether the bot is still to find out that some record is gone. */
  get areSomeToBeMissed(): boolean {
    return [...this.#forgotten.values()].some(({ wait }) => (wait.nextCheckAt ?? 0) > trueTime() - patience);
  }

  /** The presses of which one stands behind what is confirmed of a flow; none where it is not known. */
  confirmingPresses({ id, money }: Flow): Press[] {
    return this.#confirmedOf(id).find(({ at }) => at === money.confirmed?.at)?.presses ?? [];
  }

  #confirmedOf = (id: string) => this.#confirmed.get(id) ?? [];

  /** Each confirmation stands on a press of the requester's, on a button with that price, below these very words. */
  #noteConfirmation(flow: Flow): void {
    const { id, money, requester } = flow;
    const { confirmed } = money;
    if (!confirmed) return;
    const known = this.#confirmedOf(id);
    if (known.some(({ at }) => at === confirmed.at)) return;
    const words = JSON.stringify(promptLine(flow)).slice(1, -1);
    const fits = (one: Press) =>
      one.id === `flow:confirm:${id}` &&
      one.by === requester &&
      isSamePrice(one.credits, confirmed.credits) &&
      one.seen.includes(words);
    const fitting = this.#watched.presses.fitting(fits);
    const press = this.#watched.presses.use(fits);
    this.#confirmed.set(id, [...known, { ...confirmed, presses: fitting }]);
    if (!press)
      this.#watched.broken(`${id} took ${confirmed.credits} credits for confirmed, which its requester has not`);
  }

  /** Only its requester takes a card that is open to another place. */
  #moved({ card }: Flow, flow: Flow): void {
    const message = this.#watched.world.messages.get(flow.card.message ?? '');
    if (card.message === null || card.message === flow.card.message || !message?.usedBy) return;
    if (message.usedBy.user !== flow.requester)
      this.#watched.broken(`the card of ${flow.id} was taken away by somebody else`);
  }

  /** What must hold when nothing goes on any more. */
  atTheEnd(): void {
    this.#money();
    for (const flow of this.flows.values()) this.#flow(flow);
    this.#lists();
    this.#links();
  }

  /** Of each person's request: jobs at most as many, and credits at most as much, as was confirmed. */
  #money(): void {
    const { accounts, broken } = this.#watched;
    const owners = new Map<string, string>();
    for (const flow of this.flows.values()) {
      for (const job of jobsOf(flow)) {
        const other = owners.get(job.id);
        if (other !== undefined) broken(`job ${job.id} belongs to ${other} and to ${flow.id}`);
        owners.set(job.id, flow.id);
      }
    }
    // Flows that go on from one another share their words: what was paid is told apart by those.
    const families = new Map<string, Flow[]>();
    for (const flow of this.flows.values()) {
      const words = this.#familyOf(flow);
      families.set(words, [...(families.get(words) ?? []), flow]);
    }
    for (const [words, flows] of families) {
      if ([...this.#forgotten.values()].some((flow) => this.#familyOf(flow) === words)) continue;
      const jobs = accounts.jobs.filter((job) => wordsOf(job) === words);
      const allowed = flows.reduce((sum, flow) => sum + this.#confirmedOf(flow.id).length * jobCount(flow), 0);
      if (jobs.length > allowed) broken(`“${words}”: ${jobs.length} jobs were paid, and ${allowed} confirmed`);
      const known = flows.flatMap((flow) => jobsOf(flow).map(({ id }) => id));
      const unclear = flows.reduce(
        (sum, flow) => sum + runsIn(flow, 'unclear').length + (this.#writtenOff.get(flow.id) ?? 0),
        0,
      );
      // Captions come with the answer to their start, and have no name.
      const unknown = jobs.filter(({ id, kind }) => kind !== 'captions' && !known.includes(id));
      if (unknown.length > unclear)
        broken(
          `“${words}”: ${unknown.length} paid jobs are on no card (${unknown.map(({ id }) => id).join(', ')}), and ${unclear} called unclear`,
        );
    }
  }

  #flow(flow: Flow): void {
    const { world, broken } = this.#watched;
    const { id, stage, card } = flow;
    if (stage === 'submitting' || stage === 'running' || stage === 'delivering' || stage === 'queued')
      broken(`${id} is still ${stage} at the end`);
    const channel = world.channels.get(card.channel);
    const isNowhere = stage === 'unclear' && flow.shown.reason?.code === 'nowhere';
    if (isNowhere && channel && !this.#watched.mayBeClosed(channel))
      broken(`the result of ${id} is nowhere, although its channel is open`);
    const message = channel && world.messages.get(card.message ?? '');
    if (flow.clearedAt !== null) return;
    if (stage === 'delivered' && message && flow.shown.deletedAt === null) this.#delivered(flow, message);
    // A card that may not be written says what it can.
    if (message && !card.lost && !this.#isClosed(flow)) this.#card(flow, message);
  }

  /** Whether a flow's card is in DMs that somebody may have closed for good, or in a server that has removed the bot. */
  #isClosed({ card }: Flow): boolean {
    const { world, mayBeClosed, isRemoved } = this.#watched;
    const channel = world.channels.get(card.channel);
    if (!channel) return false;
    return channel.guild === null ? mayBeClosed(channel) : isRemoved(channel.guild);
  }

  /** Every finished job is shown once: as a file, or as a link. */
  #delivered(flow: Flow, card: Message): void {
    const { world, accounts, broken } = this.#watched;
    const { words, results: posted, replies } = flow.shown;
    const answers = [...world.messages.values()].filter(
      ({ id, replyTo }) => replyTo === card.id || replies.includes(id),
    );
    const shown = [card, ...answers];
    for (const job of jobsOf(flow)) {
      const paid = accounts.find(job.id);
      if (job.status !== 'completed' || paid?.platform.stateOf(paid.job) !== 'completed' || words) continue;
      const results = posted.filter(({ url }) => url.includes(job.id));
      if (results.length === 0) broken(`${flow.id} was delivered without job ${job.id}`);
      for (const { name, as, link } of results) {
        const places = shown.filter(({ attachments, content, embeds }) =>
          as === 'link'
            ? link !== null && (content + JSON.stringify(embeds)).includes(link)
            : attachments.some(({ filename }) => filename.replace('SPOILER_', '') === name),
        );
        if (places.length === 0) broken(`${flow.id} says that ${name} was posted (${as}), and it is nowhere`);
        if (places.length > 1) broken(`${flow.id} posted ${name} ${places.length} times`);
      }
    }
  }

  /** The card says what the record says. */
  #card(flow: Flow, { embeds, components, id }: Message): void {
    const { broken } = this.#watched;
    if (flow.stage === 'running') return;
    const drawn = renderCard(flow, trueTime());
    const [embed] = embeds;
    const wanted = drawn.embeds[0];
    if (embed?.title !== wanted?.title || embed?.color !== wanted?.color)
      broken(`the card of ${flow.id} (${id}) is not that of ${flow.stage}: “${embed?.title}”, ${embed?.description}`);
    const labels = (rows: unknown) =>
      JSON.stringify(rows)
        .match(/"label":"[^"]*"/g)
        ?.join() ?? '';
    if (labels(components) !== labels(drawn.components))
      broken(
        `the card of ${flow.id} has the buttons ${labels(components)} for ${labels(drawn.components)} (${flow.stage})`,
      );
  }

  /** The list of open flows has none that ended, and all that have not. */
  #lists(): void {
    const { broken } = this.#watched;
    const listed = this.#listed();
    for (const flow of this.flows.values())
      if (isOpen(flow) && !listed.includes(flow.id) && !this.#watched.mayBeLate())
        broken(`${flow.id} is ${flow.stage} and on no list of open flows`);
    for (const { id, stage } of this.endedOnList()) broken(`${id} is ${stage} and on the list of open flows`);
  }

  /** Flows that have ended and are still listed as open: their cards do not say so yet. */
  endedOnList(): Flow[] {
    const listed = this.#listed();
    // An end that could not be drawn in a closed place is drawn by the next start.
    return [...this.flows.values()].filter(
      (flow) => !isOpen(flow) && listed.includes(flow.id) && !this.#isClosed(flow),
    );
  }

  #listed(): string[] {
    return this.#watched.disk.openLists().flatMap(([, text]) => JSON.parse(text).value.ids.map(String));
  }

  /** No upload link stands where others see it. */
  #links(): void {
    const { world, broken } = this.#watched;
    for (const { channel, ephemeralFor, content, embeds, components, author } of world.messages.values()) {
      if (author !== world.bot.id || ephemeralFor !== null || world.channels.get(channel)?.guild === null) continue;
      if (/\/upload\/[\w-]{20,}/.test(content + JSON.stringify([embeds, components])))
        broken('an upload link stands in a channel');
    }
  }
}

const minute = 60_000;
/** A flow may be looked at so much later than its record says (`worthSaving.ts`). */
const patience = 6 * minute;

/** Jobs that were part of the price. */
const jobCount = ({ runs }: Flow) => runs.filter(({ credits }) => credits !== null).length;
/** Paid calls that were made, without those that the platform refused. */
const callsBegun = (flow: Flow) => callsOf({ runs: runsIn(flow, 'begun', 'job', 'shared', 'unclear') });

/** The words by which a job is known; those of `regenerate` have the words of their source. */
const wordsOf = (job: Job) => job.prompt.trim() || recipeOf[job.kind] || job.kind;
const recipeOf: Partial<Record<Job['kind'], string>> = { separation: 'separate' };
