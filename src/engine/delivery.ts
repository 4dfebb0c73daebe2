import { Semaphore } from 'async-mutex';
import type { Clock } from '../clock.ts';
import type { Attachment, MessageBody, Messages, Problem, Sent } from '../discord/messages.ts';
import { renderCard } from '../flows/card.ts';
import { resultLines } from '../flows/cardLines.ts';
import { change } from '../flows/change.ts';
import type { Event } from '../flows/events.ts';
import type { Flow, Obstacle, PostedResult } from '../flows/flow.ts';
import { times } from '../flows/times.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import type { Downloads } from '../kubeez/download.ts';
import type { KeptFiles, OpenFiles } from '../kubeez/keptFiles.ts';
import type { Logger } from '../log.ts';
import type { Preferences } from '../state/preferences.ts';
import { limits } from '../text/limits.ts';
import type { Drawer } from './drawer.ts';
import { mayMention } from './mayMention.ts';
import { type Item, notYet, Packing, sourcesOf } from './packing.ts';

interface DeliveryParts {
  messages: Messages;
  drawer: Drawer;
  downloads: Downloads;
  /** Where results are kept on their way. */
  openFiles: OpenFiles;
  preferences: Preferences;
  guildSettings: Pick<GuildSettings, 'of'>;
  clock: Clock;
  log: Logger;
  /** Told how many bytes of files Discord took. */
  onPosted?: ((bytes: number) => void) | undefined;
  /** Gives an event to a flow and resolves once it is saved. */
  note(flow: string, event: Event): Promise<void>;
}

/**
 * MiB of results that are on their way together. Each takes a place on the disk and, while it is sent, some memory; what may bring
 * more than this by itself is delivered alone. Not in bytes: async-mutex counts down from what is free,
 * one by one, at each release.
 */
const mebibytesAtOnce = 20;

/** What goes out in one message. */
interface Parcel {
  items: Item[];
  /** Which of the flow's results is the first in it. */
  first: number;
  /** Where its files lie. */
  kept: KeptFiles[];
}

/** Replies that were posted, and the results in each; without a message where it could not be posted. */
interface Ahead {
  message: string | null;
  first: number;
  results: PostedResult[];
}

type PostFiles = (files: Attachment[]) => Promise<Sent>;
type PostMessage = (body: MessageBody, files: Attachment[]) => Promise<Sent>;

/** Brings the files of a finished flow to its card; where that is gone, to its channel, and last to the requester's DMs. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #packing: Packing;
  readonly #room = new Semaphore(mebibytesAtOnce);

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#packing = new Packing(parts.downloads, parts.log);
  }

  /**
   * Downloads and posts the results: on the card as many as one message holds, the rest in replies to it. Gives the
   * event that tells how it went. Never throws.
   *
   * @param readCharged finds out what was taken, once the files are there; null where nobody knows
   * @param isCopy whether the flow was delivered before and is only shown again
   */
  async deliver(flow: Flow, readCharged: () => Promise<number | null>, isCopy = false): Promise<Event> {
    const parcels: Parcel[] = [];
    try {
      return await this.#withRoom(flow, (keepOnly) => this.#deliver(flow, readCharged, isCopy, parcels, keepOnly));
    } catch (err) {
      this.#parts.log.error({ err, flow: flow.id }, 'result not delivered');
      return { type: 'postFailed', again: true };
    } finally {
      // Not waited for: until what was posted is saved, a kill would have it posted again.
      parcels.forEach(removeFiles);
    }
  }

  /**
   * Waits until there is room for what a flow may bring.
   *
   * @param task told how to give back what is not needed: `keepOnly` takes the bytes that are
   */
  async #withRoom<Result>(flow: Flow, task: (keepOnly: (bytes: number) => void) => Promise<Result>): Promise<Result> {
    let held = Math.min(mebibytesAtOnce, mebibytes(mostBytesOf(flow)));
    await this.#room.acquire(held);
    const keepOnly = (bytes: number) => {
      const kept = mebibytes(bytes);
      if (kept >= held) return;
      this.#room.release(held - kept);
      held = kept;
    };
    return task(keepOnly).finally(() => held > 0 && this.#room.release(held));
  }

  async #deliver(
    flow: Flow,
    readCharged: () => Promise<number | null>,
    isCopy: boolean,
    parcels: Parcel[],
    keepOnly: (bytes: number) => void,
  ): Promise<Event> {
    const packed = await this.#packAll(flow, isCopy, parcels);
    if (packed === notYet) return { type: 'postFailed', again: true };
    const { onCard, ahead } = packed;
    keepOnly(bytesOf(filesOf(onCard)));
    const charged = await readCharged();
    const results = () => inOrder([{ first: onCard.first, results: resultsOf(onCard) }, ...ahead]);
    const body = () => {
      const done = change(flow, {
        stage: 'delivered',
        money: { charged },
        shown: { results: results(), notice: null },
      });
      return renderCard(done, this.#parts.clock.now());
    };
    const sent = await this.#postCard(flow, onCard, body);
    if (!sent.ok) {
      this.#parts.log.warn({ flow: flow.id, problem: sent.problem, err: sent.error }, 'result not posted');
      return { type: 'postFailed', again: sent.problem === 'unreachable' };
    }
    const card = { ...flow.card, channel: sent.channel, message: sent.message, lost: false };
    const replies = ahead.flatMap(({ message }) => (message === null ? [] : [message]));
    return { type: 'posted', card, results: results(), replies, charged };
  }

  /** Packs every result. What does not fit on the card goes out at once as replies, so that only two parcels wait. */
  async #packAll(
    flow: Flow,
    isCopy: boolean,
    parcels: Parcel[],
  ): Promise<{ onCard: Parcel; ahead: Ahead[] } | typeof notYet> {
    const room = Math.max(limits.request, flow.card.fileLimit);
    const onCard: Parcel = { items: this.#packing.texts(flow), first: 0, kept: [] };
    parcels.push(onCard);
    const ahead: Ahead[] = isCopy ? [] : [...flow.shown.sentAhead];
    const isOut = (index: number) =>
      ahead.some(({ first, results }) => index >= first && index < first + results.length);
    let parcel = onCard;
    for (const [index, source] of sourcesOf(flow).entries()) {
      if (isOut(index)) continue;
      const kept = this.#parts.openFiles();
      let item = await this.#packing.pack(flow, source, { limit: flow.card.fileLimit, keep: kept.keep, mayWait: true });
      if (item === notYet) {
        void kept.remove();
        return notYet;
      }
      // A cover must not cost its song the place.
      if (bytesOf(item.files) > room) item = { ...item, files: item.files.slice(0, 1) };
      const files = [...filesOf(parcel), ...item.files];
      const follows = parcel === onCard || index === parcel.first + parcel.items.length;
      if (bytesOf(files) > room || files.length > limits.files || !follows) {
        if (parcel !== onCard && !(await this.#sendAhead(flow, parcel, ahead, isCopy))) return notYet;
        parcel = { items: [], first: index, kept: [] };
        parcels.push(parcel);
      }
      parcel.items.push(item);
      parcel.kept.push(kept);
    }
    if (parcel !== onCard && !(await this.#sendAhead(flow, parcel, ahead, isCopy))) return notYet;
    return { onCard, ahead };
  }

  /** Posts a reply to the card, and notes it before anything else is done. Gives false where a later try may help. */
  async #sendAhead(flow: Flow, parcel: Parcel, ahead: Ahead[], isCopy: boolean): Promise<boolean> {
    const { messages, log } = this.#parts;
    const { channel, message } = flow.card;
    const post = onceThenEdit(messages, (body, files) =>
      messages.create(channel, body, nonceOf(flow, parcel), { files, replyTo: message }),
    );
    const sent = await this.#send(flow, parcel, (files) =>
      post({ content: resultLines(resultsOf(parcel), limits.content).join('\n') }, files),
    );
    if (!sent.ok) {
      log.warn({ flow: flow.id, problem: sent.problem, err: sent.error }, 'rest not posted');
      if (sent.problem === 'unreachable' && flow.wait.attempts < times.deliverPauses.length) return false;
      // The card says where they are.
      parcel.items = parcel.items.map((item) => this.#packing.asLink(flow, item, obstacleOf(sent.problem)));
    }
    removeFiles(parcel);
    const { first } = parcel;
    const results = resultsOf(parcel);
    ahead.push({ message: sent.ok ? sent.message : null, first, results });
    if (sent.ok && !isCopy)
      await this.#parts.note(flow.id, { type: 'sentAhead', message: sent.message, first, results });
    return true;
  }

  /** The card; if it is gone or closed, a fresh message in its place; if that is closed too, a DM. */
  async #postCard(flow: Flow, parcel: Parcel, body: () => MessageBody): Promise<Sent> {
    const { items } = parcel;
    let last: Sent | undefined;
    for (const post of this.#placesFor(flow)) {
      parcel.items = items;
      last = await this.#send(flow, parcel, (files) => post(body(), files));
      if (last.ok || last.problem === 'unreachable') return last;
    }
    return last ?? { ok: false, problem: 'gone', error: undefined };
  }

  #placesFor(flow: Flow): PostMessage[] {
    const { messages, drawer } = this.#parts;
    const { channel, message, restricted } = flow.card;
    const nonce = `${flow.id}-done`;
    const addressed = (body: MessageBody) => ({ ...body, content: `<@${flow.requester}>` });
    return [
      ...(message === null
        ? []
        : [(body: MessageBody, files: Attachment[]) => drawer.finish(flow, message, body, files)]),
      onceThenEdit(messages, async (body, files) =>
        messages.create(channel, addressed(body), nonce, { files, ...(await this.#mentionOf(flow)) }),
      ),
      // What was made in a place for adults stays there.
      ...(restricted
        ? []
        : [onceThenEdit(messages, (body, files) => messages.direct(flow.requester, addressed(body), nonce, files))]),
    ];
  }

  /** Who is pinged by a message that takes the card's place. */
  async #mentionOf(flow: Flow): Promise<{ mention?: string }> {
    return (await mayMention(flow, this.#parts)) ? { mention: flow.requester } : {};
  }

  /**
   * Posts a parcel; what Discord does not take of it goes down the ladder, to a link at last. Afterwards the parcel
   * holds what was posted.
   */
  async #send(flow: Flow, parcel: Parcel, post: PostFiles): Promise<Sent> {
    const sent = await this.#sendDown(flow, parcel, post);
    if (sent.ok) this.#parts.onPosted?.(bytesOf(filesOf(parcel)));
    return sent;
  }

  async #sendDown(flow: Flow, parcel: Parcel, post: PostFiles): Promise<Sent> {
    const attempt = () => post(filesOf(parcel));
    let sent = await attempt();
    if (!sent.ok && sent.problem === 'tooLarge') {
      // The place takes less than the interaction promised: its figure counts the caller's own subscription in.
      parcel.items = await this.#smaller(flow, parcel);
      sent = await attempt();
    }
    if (isAboutFiles(sent, parcel, flow)) sent = await this.#withoutRefused(flow, parcel, attempt, sent);
    if (!sent.ok && sent.problem === 'refused' && resultsOf(parcel).some(({ link }) => link !== null)) {
      parcel.items = parcel.items.map((item) => withoutLink(this.#packing.asLink(flow, item, 'linkRefused')));
      sent = await attempt();
    }
    return sent;
  }

  async #smaller(flow: Flow, { items, kept }: Parcel): Promise<Item[]> {
    const limit = Math.min(flow.card.fileLimit, limits.file);
    const smaller: Item[] = [];
    const files = this.#parts.openFiles();
    kept.push(files);
    const terms = { limit, keep: files.keep, mayWait: false };
    for (const item of items) {
      const packed = item.source ? await this.#packing.pack(flow, item.source, terms) : item;
      if (packed !== notYet) smaller.push(packed);
    }
    return smaller;
  }

  /** Finds out which files Discord does not take, one at a time, and gives those as links; the others stay. */
  async #withoutRefused(flow: Flow, parcel: Parcel, attempt: () => Promise<Sent>, refusal: Sent): Promise<Sent> {
    const why = refusal.ok ? 'refused' : obstacleOf(refusal.problem);
    const asLink = (item: Item) => (item.files.length > 0 ? this.#packing.asLink(flow, item, why) : item);
    if (parcel.items.some(hasCover)) {
      parcel.items = parcel.items.map((item) => (hasCover(item) ? { ...item, files: item.files.slice(0, 1) } : item));
      const sent = await attempt();
      if (!isAboutFiles(sent, parcel, flow)) return sent;
    }
    const all = parcel.items;
    const withFiles = all.filter(({ files }) => files.length > 0);
    const taken = new Set<Item>();
    let last = refusal;
    // Where nothing may be attached at all, or Discord is away, there is nothing to find out.
    for (const item of why === 'noPermission' || !isRefusal(refusal) || withFiles.length === 1 ? [] : withFiles) {
      parcel.items = all.map((one) => (taken.has(one) || one === item ? one : asLink(one)));
      last = await attempt();
      if (last.ok) taken.add(item);
      else if (!isAboutFiles(last, parcel, flow)) return last;
    }
    parcel.items = all.map((one) => (taken.has(one) ? one : asLink(one)));
    return last.ok ? last : attempt();
  }
}

/** Bytes that a flow has on their way at most while it is delivered: what is on its card, and one reply. */
function mostBytesOf(flow: Flow): number {
  const { fileLimit } = flow.card;
  const room = Math.max(limits.request, fileLimit);
  return Math.max(1, Math.min(sourcesOf(flow).length * fileLimit, 2 * room));
}

/** A message that is posted once, and edited by every later try. */
function onceThenEdit(messages: Messages, create: PostMessage): PostMessage {
  let posted: Extract<Sent, { ok: true }> | undefined;
  return async (body, files) => {
    const sent = await (posted ? messages.edit(posted.channel, posted.message, body, files) : create(body, files));
    if (sent.ok) posted = sent;
    return sent;
  };
}

/** Whether to try the message without its files: when Discord fails for long, the files may be the reason. */
function isAboutFiles(sent: Sent, parcel: Parcel, flow: Flow): boolean {
  if (sent.ok || filesOf(parcel).length === 0) return false;
  return isRefusal(sent) || (sent.problem === 'unreachable' && flow.wait.attempts >= times.deliverPauses.length);
}

const isRefusal = (sent: Sent) => !sent.ok && ['tooLarge', 'refused', 'noPermission'].includes(sent.problem);

function obstacleOf(problem: Problem): Obstacle {
  if (problem === 'tooLarge') return 'tooLarge';
  return problem === 'noPermission' || problem === 'forbidden' ? 'noPermission' : 'refused';
}

function withoutLink(item: Item): Item {
  return item.result ? { ...item, result: { ...item.result, link: null } } : item;
}

/** Gives the disk back what was sent. Not waited for. */
function removeFiles({ kept }: Parcel): void {
  for (const files of kept.splice(0)) void files.remove();
}

const hasCover = ({ source, files }: Item) => source !== undefined && files.length > 1;
const filesOf = (parcel: Parcel) => parcel.items.flatMap(({ files }) => files);
const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2);
const bytesOf = (files: Attachment[]) => files.reduce((sum, { data }) => sum + data.size, 0);
const resultsOf = (parcel: Parcel) => parcel.items.flatMap(({ result }) => result ?? []);

/** The results of several messages, in the order of the jobs. */
function inOrder(parts: { first: number; results: PostedResult[] }[]): PostedResult[] {
  return [...parts].sort((a, b) => a.first - b.first).flatMap(({ results }) => results);
}

/** The same results in a message of the same card: posted once, however often it is tried within some minutes. */
function nonceOf({ id, card }: Flow, { first, items }: Parcel): string {
  return `${id}-${(card.message ?? '').slice(-8)}-${first}-${items.length}`;
}
