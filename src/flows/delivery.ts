import type { Clock } from '../clock.ts';
import { cut, limits } from '../discord/limits.ts';
import type { Attachment, MessageBody, Messages, Sent } from '../discord/messages.ts';
import type { Downloads } from '../kubeez/download.ts';
import type { Logger } from '../log.ts';
import { captionFiles } from './captionFiles.ts';
import { renderCard } from './card.ts';
import type { Drawer } from './drawer.ts';
import type { Event } from './events.ts';
import { fileName, subjectOf } from './fileNames.ts';
import type { Flow, Output, Result } from './flow.ts';
import { recipes } from './recipes/index.ts';
import { times } from './times.ts';

interface DeliveryParts {
  messages: Messages;
  drawer: Drawer;
  downloads: Downloads;
  clock: Clock;
  log: Logger;
}

/** Files that go out in one message, and what is told about them. */
interface Parcel {
  outputs: Numbered[];
  files: Attachment[];
  results: Result[];
}

/** A result and what tells its file from the others. */
interface Numbered {
  output: Output;
  part: string | number | undefined;
}

/** A result that is not there yet (the CDN lags behind the job by some seconds). */
const notYet = Symbol('not yet');

/** Brings a finished flow's files to its card, or to the best place that is left. */
export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /**
   * Downloads and posts the results: on the card as many as one message holds, the rest in replies to it. Gives the
   * event that tells how it went.
   *
   * @param charged credits, where known
   * @param isCopy whether the flow was delivered before and is only shown again
   */
  async deliver(flow: Flow, charged: number | null, isCopy = false): Promise<Event> {
    const packed = await this.#packAll(flow);
    if (packed === notYet) return { type: 'postFailed', again: true };
    const { first, rest } = packed;
    const results = () => [first, ...rest].flatMap((parcel) => parcel.results);
    const posted = await this.#stepDown(flow, first, () => {
      const done: Flow = { ...flow, stage: 'delivered', results: results(), charged, notice: null };
      return this.#post(flow, renderCard(done, this.#parts.clock.now()), first.files);
    });
    const { sent, card } = posted;
    if (!sent.ok) {
      this.#parts.log.warn({ flow: flow.id, problem: sent.problem, err: sent.error }, 'result not posted');
      return { type: 'postFailed', again: sent.problem === 'unreachable' };
    }
    if (!isCopy && card.message === flow.card.message) await this.#call(flow);
    return { type: 'posted', card, results: results(), replies: packed.replies, charged };
  }

  /** Packs every result. What does not fit on the card goes out at once as replies, so that memory holds two parcels. */
  async #packAll(flow: Flow): Promise<{ first: Parcel; rest: Parcel[]; replies: string[] } | typeof notYet> {
    const room = Math.max(limits.request, flow.card.fileLimit);
    const first: Parcel = { outputs: [], files: texts(flow), results: [] };
    const rest: Parcel[] = [];
    const replies: string[] = [];
    let parcel = first;
    const close = async () => {
      if (parcel === first) return;
      const sent = await this.#reply(flow, parcel, rest.length);
      if (sent.ok) replies.push(sent.message);
      rest.push(parcel);
    };
    for (const numbered of numberedOutputs(flow)) {
      const packed = await this.#packOne(flow, numbered, flow.card.fileLimit, replies.length === 0);
      if (packed === notYet) return notYet;
      const bytes = [...parcel.files, ...packed.files].reduce((sum, file) => sum + file.data.length, 0);
      if (bytes > room || parcel.files.length + packed.files.length > limits.files) {
        await close();
        parcel = { outputs: [], files: [], results: [] };
      }
      parcel.outputs.push(numbered);
      parcel.files.push(...packed.files);
      parcel.results.push(packed.result);
    }
    await close();
    return { first, rest, replies };
  }

  /**
   * Posts a parcel; where the place takes less than the interaction promised (its figure counts the caller's own
   * subscription in), the next rung of each file's ladder is tried.
   */
  async #stepDown<Outcome extends { sent: Sent }>(
    flow: Flow,
    parcel: Parcel,
    post: () => Promise<Outcome>,
  ): Promise<Outcome> {
    let outcome = await post();
    for (const limit of new Set([Math.min(flow.card.fileLimit, limits.file), 0])) {
      if (outcome.sent.ok || outcome.sent.problem !== 'tooLarge') return outcome;
      const files = limit > 0 ? texts(flow).filter((file) => parcel.files.some(({ name }) => name === file.name)) : [];
      const results: Result[] = [];
      for (const numbered of parcel.outputs) {
        const packed = await this.#packOne(flow, numbered, limit, false);
        if (packed === notYet) continue;
        files.push(...packed.files);
        results.push(packed.result);
      }
      Object.assign(parcel, { files, results });
      outcome = await post();
    }
    return outcome;
  }

  async #reply(flow: Flow, parcel: Parcel, index: number): Promise<Sent> {
    const { messages, log } = this.#parts;
    const { channel, message } = flow.card;
    const outcome = await this.#stepDown(flow, parcel, async () => ({
      sent: await messages.create(channel, { content: linksOf(parcel) }, nonceOf(flow, index), {
        files: parcel.files,
        replyTo: message,
      }),
    }));
    if (!outcome.sent.ok) {
      log.warn({ flow: flow.id, problem: outcome.sent.problem, err: outcome.sent.error }, 'rest not posted');
      // The card says where they are.
      parcel.results = parcel.results.map((result) => ({ ...result, as: 'link' }));
    }
    return outcome.sent;
  }

  /** The ladder of one file: the original, the platform's smaller rendition, a poster with a link, a link. */
  async #packOne(flow: Flow, { output, part }: Numbered, limit: number, mayWait: boolean) {
    const facts = {
      ...(output.kind ? { kind: output.kind } : {}),
      ...(output.seconds === undefined ? {} : { seconds: output.seconds }),
    };
    const description = cut(subjectOf(flow).replace(/\s+/g, ' '), limits.altText);
    const rungs = [
      { as: 'file' as const, url: output.url },
      { as: 'smaller' as const, url: output.smaller },
      { as: 'poster' as const, url: output.poster },
    ];
    for (const { as, url } of rungs) {
      if (url === undefined || limit <= 0) continue;
      const got = await this.#parts.downloads.fetch(url, limit);
      if (got.ok) {
        const name = `${fileName(flow, part)}.${got.extension}`;
        const cover = as === 'file' ? await this.#cover(flow, output, part, limit) : [];
        return {
          result: { name, url: output.url, as, ...facts },
          files: [{ name, data: got.data, description }, ...cover],
        };
      }
      if (as === 'file' && got.why === 'unavailable' && flow.attempts < patience && mayWait) return notYet;
      if (got.why === 'refused')
        this.#parts.log.warn({ flow: flow.id }, 'a result lies where nothing may be fetched from');
    }
    return { result: { name: fileName(flow, part), url: output.url, as: 'link' as const, ...facts }, files: [] };
  }

  /** A song's cover: nice to have, so nothing waits for it. */
  async #cover(flow: Flow, { cover }: Output, part: Numbered['part'], limit: number): Promise<Attachment[]> {
    if (cover === undefined) return [];
    const got = await this.#parts.downloads.fetch(cover, Math.min(limit, coverMost));
    if (!got.ok) return [];
    const name = `${fileName(flow, part)}-cover.${got.extension}`;
    return [{ name, data: got.data, description: cut(`Cover of ${part ?? subjectOf(flow)}`, limits.altText) }];
  }

  /** The card; if it is gone or closed, a fresh message in its place; if that is closed too, a DM. */
  async #post(flow: Flow, body: MessageBody, files: Attachment[]): Promise<{ sent: Sent; card: Flow['card'] }> {
    const { messages, drawer } = this.#parts;
    const { channel, message, restricted } = flow.card;
    const goOn = (sent: Sent) => !sent.ok && (sent.problem === 'gone' || sent.problem === 'forbidden');
    if (message !== null) {
      const sent = await drawer.finish(flow, message, body, files);
      if (!goOn(sent)) return { sent, card: flow.card };
    }
    const addressed = { ...body, content: `<@${flow.requester}>` };
    const nonce = `${flow.id}-done`;
    const fresh = await messages.create(channel, addressed, nonce, { files, mention: flow.requester });
    // What was made in a place for adults stays there.
    if (!goOn(fresh) || restricted) return { sent: fresh, card: movedTo(flow, fresh) };
    const direct = await messages.direct(flow.requester, addressed, nonce, files);
    return { sent: direct, card: movedTo(flow, direct) };
  }

  /** Whoever had to wait for long is told that it is there. */
  async #call(flow: Flow): Promise<void> {
    const { messages, clock } = this.#parts;
    if (clock.now() - (flow.confirmed?.at ?? flow.createdAt) <= times.patientFor) return;
    const { title } = recipes[flow.recipe];
    const content = `<@${flow.requester}> ${title} #${flow.id} is ready.`;
    const { channel, message } = flow.card;
    await messages.create(channel, { content }, `${flow.id}-call`, { replyTo: message, mention: flow.requester });
  }
}

/** Downloads that fail this often are given as links instead of being waited for. */
const patience = 8;
const coverMost = 2 * 1024 * 1024;

/** A copy shown elsewhere has replies of its own. */
const nonceOf = ({ id, card }: Flow, index: number) => `${id}-${(card.message ?? '').slice(-8)}-${index}`;

/** The files that the bot itself writes: what was said in a film. */
function texts(flow: Flow): Attachment[] {
  if (flow.words === null) return [];
  return captionFiles(flow.words).map(({ extension, text }) => ({
    name: `${fileName(flow)}.${extension}`,
    data: Buffer.from(text),
    description: cut(`Captions of ${subjectOf(flow)}`, limits.altText),
  }));
}

function numberedOutputs(flow: Flow): Numbered[] {
  const outputs = flow.jobs.flatMap((job) => job.outputs);
  const names = outputs.map((output) => output.name);
  return outputs.map((output, index) => {
    const isTwice = names.indexOf(output.name) !== names.lastIndexOf(output.name);
    const number = outputs.length > 1 ? index + 1 : undefined;
    return { output, part: output.name === undefined || isTwice ? number : output.name };
  });
}

/** Links to what a reply could not carry. */
function linksOf(parcel: Parcel): string {
  const links = parcel.results.filter(({ as }) => as !== 'file').map(({ url }) => `[Full size](<${url}>)`);
  return cut(links.join(' · '), 2000);
}

function movedTo(flow: Flow, sent: Sent): Flow['card'] {
  return sent.ok ? { ...flow.card, channel: sent.channel, message: sent.message, lost: false } : flow.card;
}
