import type { Clock } from '../clock.ts';
import { cut, limits } from '../discord/limits.ts';
import type { Attachment, MessageBody, Messages, Sent } from '../discord/messages.ts';
import type { Downloads } from '../kubeez/download.ts';
import type { Logger } from '../log.ts';
import { renderCard } from './card.ts';
import type { Drawer } from './drawer.ts';
import type { Event } from './events.ts';
import type { Flow, Output, Result } from './flow.ts';

interface DeliveryParts {
  messages: Messages;
  drawer: Drawer;
  downloads: Downloads;
  clock: Clock;
  log: Logger;
}

/** The files of a result, each as large as the place allows, and what is told about them. */
interface Parcel {
  files: Attachment[];
  results: Result[];
}

/** A result that is not there yet (the CDN lags behind the job by some seconds). */
const notYet = Symbol('not yet');

/** Brings a finished flow's files to its card, or to the best place that is left. */
export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Downloads and posts the results; gives the event that tells how it went. `charged`: credits, where known. */
  async deliver(flow: Flow, charged: number | null): Promise<Event> {
    const outputs = flow.jobs.flatMap((job) => job.outputs);
    // A place may allow less than the interaction promised: its figure counts the caller's own subscription in.
    for (const limit of new Set([flow.card.fileLimit, Math.min(flow.card.fileLimit, limits.file), 0])) {
      const parcel = await this.#pack(flow, outputs, limit);
      if (parcel === notYet) return { type: 'postFailed', again: true };
      const done: Flow = { ...flow, stage: 'delivered', results: parcel.results, charged, notice: null };
      const { sent, card } = await this.#post(flow, renderCard(done, this.#parts.clock.now()), parcel.files);
      if (sent.ok) return { type: 'posted', card, results: parcel.results, charged };
      if (sent.problem === 'tooLarge' && limit > 0) continue;
      this.#parts.log.warn({ flow: flow.id, problem: sent.problem, err: sent.error }, 'result not posted');
      return { type: 'postFailed', again: sent.problem === 'unreachable' };
    }
    return { type: 'postFailed', again: false };
  }

  async #pack(flow: Flow, outputs: Output[], fileLimit: number): Promise<Parcel | typeof notYet> {
    const files: Attachment[] = [];
    const results: Result[] = [];
    let room: number = limits.request;
    for (const [index, output] of outputs.entries()) {
      const number = outputs.length > 1 ? index + 1 : undefined;
      const limit = files.length < limits.files ? Math.min(fileLimit, room) : 0;
      const packed = await this.#packOne(flow, output, limit, number);
      if (packed === notYet) return notYet;
      results.push(packed.result);
      if (!packed.file) continue;
      files.push(packed.file);
      room -= packed.file.data.length;
    }
    return { files, results };
  }

  /** The ladder of one file: the original, the platform's smaller rendition, a poster with a link, a link. */
  async #packOne(flow: Flow, output: Output, limit: number, number: number | undefined) {
    const rungs = [
      { as: 'file' as const, url: output.url },
      { as: 'smaller' as const, url: output.smaller },
      { as: 'poster' as const, url: output.poster },
    ];
    for (const { as, url } of rungs) {
      if (url === undefined || limit <= 0) continue;
      const got = await this.#parts.downloads.fetch(url, limit);
      if (got.ok) {
        const name = `${slug(flow.prompt)}-${flow.id}${number ? `-${number}` : ''}.${got.extension}`;
        const description = cut(flow.prompt.replace(/\s+/g, ' '), limits.altText);
        return { result: { name, url: output.url, as }, file: { name, data: got.data, description } };
      }
      if (as === 'file' && got.why === 'unavailable' && flow.attempts < patience) return notYet;
      if (got.why === 'refused')
        this.#parts.log.warn({ flow: flow.id }, 'a result lies where nothing may be fetched from');
    }
    return { result: { name: slug(flow.prompt), url: output.url, as: 'link' as const }, file: undefined };
  }

  /** The card; if it is gone or closed, a fresh message in its place; if that is closed too, a DM. */
  async #post(flow: Flow, body: MessageBody, files: Attachment[]): Promise<{ sent: Sent; card: Flow['card'] }> {
    const { messages, drawer } = this.#parts;
    const { channel, message } = flow.card;
    const goOn = (sent: Sent) => !sent.ok && (sent.problem === 'gone' || sent.problem === 'forbidden');
    if (message !== null) {
      const sent = await drawer.finish(flow, message, body, files);
      if (!goOn(sent)) return { sent, card: flow.card };
    }
    const addressed = { ...body, content: `<@${flow.requester}>` };
    const fresh = await messages.create(channel, addressed, `${flow.id}-done`, files, flow.requester);
    if (!goOn(fresh)) return { sent: fresh, card: movedTo(flow, fresh) };
    const direct = await messages.direct(flow.requester, addressed, `${flow.id}-done`, files);
    return { sent: direct, card: movedTo(flow, direct) };
  }
}

/** Downloads that fail this often are given as links instead of being waited for. */
const patience = 8;

function movedTo(flow: Flow, sent: Sent): Flow['card'] {
  return sent.ok ? { ...flow.card, channel: sent.channel, message: sent.message, lost: false } : flow.card;
}

/** The first words of a prompt as a file name: `a-fox-in-snow`. */
function slug(prompt: string): string {
  const words = prompt.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (
    words
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 40)
      .replace(/-$/, '') || 'result'
  );
}
