import { createHash } from 'node:crypto';
import PQueue from 'p-queue';
import type { Clock } from '../clock.ts';
import type { Attachment, MessageBody, Messages, Sent } from '../discord/messages.ts';
import type { Logger } from '../log.ts';
import { renderCard } from './card.ts';
import { type Flow, isOpen } from './flow.ts';
import { redrawAfter } from './times.ts';

interface DrawerParts {
  messages: Messages;
  clock: Clock;
  log: Logger;
  /** Told when a card turns out to be deleted. */
  onLost(flow: string): void;
}

/** Milliseconds between two progress edits, over all cards. */
const progressEvery = 100;

const priorities = { final: 2, turn: 1, progress: 0 };

/**
 * Brings cards up to date: in each channel one edit at a time, the latest state of a card wins, an edit that would
 * change nothing is left out, and final ones go first. The card of a running job moves by itself in between; that
 * needs no record, because nothing but the time has changed.
 */
export class Drawer {
  readonly #parts: DrawerParts;
  readonly #channels = new Map<string, PQueue>();
  readonly #waiting = new Map<string, Flow>();
  /** A hash of what each open card shows. */
  readonly #shown = new Map<string, string>();
  readonly #moving = new Map<string, () => void>();

  constructor(parts: DrawerParts) {
    this.#parts = parts;
  }

  /** Shows the flow as it is now. Resolves when its turn has come and gone. */
  async draw(flow: Flow): Promise<void> {
    this.#stand(flow.id);
    if (flow.card.lost) return this.#drawAnew(flow);
    if (flow.card.message === null) return;
    this.#moveLater(flow);
    const isWaiting = this.#waiting.has(flow.id);
    this.#waiting.set(flow.id, flow);
    if (isWaiting) return;
    const priority = flow.stage === 'running' ? priorities.progress : priorities.turn;
    await this.#inTurn(flow.card.channel, priority, () => this.#edit(flow.id));
  }

  /** Edits the card for the last time: with files, before anything else that waits in its channel. */
  async finish(flow: Flow, message: string, body: MessageBody, files: Attachment[]): Promise<Sent> {
    this.#stand(flow.id);
    this.#waiting.delete(flow.id);
    return this.#inTurn(flow.card.channel, priorities.final, async () => {
      this.#waiting.delete(flow.id);
      const sent = await this.#parts.messages.edit(flow.card.channel, message, body, files);
      if (sent.ok) this.#shown.delete(flow.id);
      return sent;
    });
  }

  /** Puts these words in the place of a card whose flow is gone, with nothing to press. */
  async giveUp(id: string, channel: string, message: string, words: string): Promise<void> {
    this.#stand(id);
    this.#waiting.delete(id);
    this.#shown.delete(id);
    const body = { content: words, embeds: [], components: [] };
    await this.#inTurn(channel, priorities.turn, () => this.#parts.messages.edit(channel, message, body));
  }

  /** Lets every card stand as it is. */
  stop(): void {
    for (const cancel of this.#moving.values()) cancel();
    this.#moving.clear();
  }

  #moveLater(flow: Flow): void {
    const { clock } = this.#parts;
    const pause = flow.stage === 'running' ? redrawAfter(clock.now() - (flow.running?.since ?? 0)) : undefined;
    if (pause === undefined) return;
    // All moving cards together leave most of Discord's 50 requests a second to what people wait for.
    const shared = Math.max(pause, this.#moving.size * progressEvery);
    const move = () => {
      this.#moving.delete(flow.id);
      void this.draw(flow);
    };
    this.#moving.set(flow.id, clock.wakeAt(clock.now() + shared, move));
  }

  #stand(id: string): void {
    this.#moving.get(id)?.();
    this.#moving.delete(id);
  }

  async #edit(id: string): Promise<void> {
    const { messages, clock, log, onLost } = this.#parts;
    const flow = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!flow || flow.card.message === null) return;
    const body = renderCard(flow, clock.now());
    const look = createHash('sha1').update(JSON.stringify(body)).digest('base64');
    if (this.#shown.get(id) === look) return;
    const sent = await messages.edit(flow.card.channel, flow.card.message, body);
    if (sent.ok && isOpen(flow)) this.#shown.set(id, look);
    else this.#shown.delete(id);
    if (sent.ok) return;
    log.warn({ flow: id, problem: sent.problem, err: sent.error }, 'card not drawn');
    if (sent.problem === 'gone') onLost(id);
  }

  /** Somebody deleted the card: silence is fine while it runs, but an end that concerns money is said once. */
  async #drawAnew(flow: Flow): Promise<void> {
    if (flow.submittedAt === null || (flow.stage !== 'failed' && flow.stage !== 'unknown')) return;
    const { messages, clock } = this.#parts;
    const body = { ...renderCard(flow, clock.now()), content: `<@${flow.requester}>` };
    const nonce = `${flow.id}-${flow.stage}`;
    const sent = await messages.create(flow.card.channel, body, nonce, { mention: flow.requester });
    if (!sent.ok && !flow.card.restricted) await messages.direct(flow.requester, body, nonce);
  }

  #inTurn<Result>(channel: string, priority: number, task: () => Promise<Result>): Promise<Result> {
    const queue = this.#channels.get(channel) ?? new PQueue({ concurrency: 1 });
    this.#channels.set(channel, queue);
    return queue.add(task, { priority }).finally(() => {
      if (queue.size === 0 && queue.pending === 0 && this.#channels.get(channel) === queue)
        this.#channels.delete(channel);
    });
  }
}
