import pTimeout from 'p-timeout';
import type { Clock } from '../clock.ts';
import type { Attachment, MessageBody, Messages, Sent } from '../discord/messages.ts';
import type { PressAnswer } from '../discord/pressAnswer.ts';
import { type Card, renderCard } from '../flows/card.ts';
import { type Flow, isOpen } from '../flows/flow.ts';
import type { Logger } from '../log.ts';
import { isLasting } from '../state/store.ts';
import { CardEdits, type EditParts, maxRefusals } from './cardEdits.ts';
import { ChannelLines, priorities } from './channelLines.ts';
import { retryPause } from './retryPause.ts';
import { Ticker } from './ticker.ts';

interface DrawerParts {
  messages: Messages;
  clock: Clock;
  log: Logger;
  /** Reads a flow as it is now. */
  load(id: string): Promise<Flow | undefined>;
  /** Whether this process has its flows still. */
  mayAct(): Promise<boolean>;
  /** Told when a card turns out to be deleted. */
  onLost(flow: string): void;
  /** Told when a card shows how its flow ended. */
  onOver(flow: string): void;
}

/** How long the bot waits for an edit under way when it stops. Milliseconds. */
const stopsWithin = 500;

/** Brings cards up to date: what is drawn of one is in `cardEdits.ts`, what moves by itself in `ticker.ts`. */
export class Drawer {
  readonly #parts: DrawerParts;
  readonly #editParts: EditParts;
  readonly #lines: ChannelLines;
  readonly #ticker: Ticker;
  readonly #cards = new Map<string, CardEdits>();
  /** What messages that cards have left are still to show, by message. */
  readonly #left = new Map<string, MessageBody>();
  #isStopped = false;

  constructor(parts: DrawerParts) {
    const { messages, clock } = parts;
    this.#parts = parts;
    this.#lines = new ChannelLines(() => clock.now());
    this.#ticker = new Ticker({
      clock,
      isBusy: () => messages.isBusy,
      tick: (id) => this.#cards.get(id)?.tick() ?? 'nothing',
      redraw: (id) => void this.#redraw(id),
    });
    this.#editParts = {
      ...parts,
      lines: this.#lines,
      ticker: this.#ticker,
      isStopped: () => this.#isStopped,
      onOver: (card) => {
        if (this.#cards.get(card.id) === card) this.#cards.delete(card.id);
        parts.onOver(card.id);
      },
    };
  }

  /**
   * Shows the flow as it is now. Resolves when its turn has come and gone; at once where a later draw or the answer to a
   * press is going to show it.
   *
   * @param canWait nobody waits for it: it is drawn when there is room
   */
  async draw(flow: Flow, canWait = false): Promise<void> {
    if (this.#isStopped) return;
    const card = this.#cardOf(flow.id, flow);
    this.#ticker.stopMoving(flow.id);
    if (flow.card.lost) {
      this.#cards.delete(flow.id);
      return this.#drawAnew(flow);
    }
    if (flow.card.message === null) return;
    this.#ticker.keepMoving(flow);
    await card.show(flow, canWait);
  }

  /**
   * Answers a press with the card; see {@link CardEdits.answer}.
   *
   * @param work gives the flow as the press has left it; undefined when the press was answered in another way
   */
  answer(id: string, press: PressAnswer, work: () => Promise<Flow | undefined>): Promise<void> {
    return this.#cardOf(id).answer(press, work);
  }

  /** Edits the card for the last time: with files, and before anything else that waits in its channel. */
  finish(flow: Flow, message: string, body: MessageBody, files: Attachment[]): Promise<Sent> {
    this.#ticker.stopMoving(flow.id);
    this.#left.delete(message);
    const edit = () => this.#parts.messages.edit(flow.card.channel, message, body, files);
    return this.#cardOf(flow.id, flow).finish(flow, edit);
  }

  /**
   * Changes the message that a card has left, after what is still on its way there, and again later where Discord cannot be
   * reached or the channel is closed for a while. Resolves after the first attempt.
   *
   * @param before how many attempts have failed
   */
  async leave(id: string, channel: string, message: string, body: MessageBody, before = 0): Promise<void> {
    const { messages, clock, log } = this.#parts;
    const card = this.#cards.get(id);
    this.#left.set(message, body);
    const isOutOfDate = () => this.#isStopped || this.#left.get(message) !== body;
    const sent = await this.#lines.run(channel, priorities.awaited, async () => {
      await card?.settled();
      if (isOutOfDate()) return undefined;
      this.#lines.note(channel);
      return messages.edit(channel, message, body);
    });
    if (!sent || isOutOfDate()) return;
    if (!sent.ok) log.info({ flow: id, problem: sent.problem }, 'card that was left not changed');
    if (sent.ok || sent.problem === 'gone' || (sent.problem !== 'unreachable' && before >= maxRefusals))
      return void this.#left.delete(message);
    clock.wakeAt(clock.now() + retryPause(before), () => {
      if (isOutOfDate()) return;
      this.leave(id, channel, message, body, before + 1).catch((err) =>
        log.error({ err, flow: id }, 'card not changed'),
      );
    });
  }

  /** Leaves a card whose flow is gone. */
  giveUp(id: string, channel: string, message: string, body: MessageBody): void {
    this.#ticker.stopMoving(id);
    this.#cardOf(id).close();
    this.leave(id, channel, message, body)
      .catch((err) => this.#parts.log.error({ err, flow: id }, 'card not changed'))
      .finally(() => this.#cards.delete(id));
  }

  /** Notes what a new card shows, which was posted as the answer to a command. */
  notePosted(flow: string, message: string, body: Card): void {
    this.#cardOf(flow).notePosted(message, body);
  }

  /** A hash of what an open card shows: null where that is not certain, undefined where nothing is known. */
  lookOf(id: string): string | null | undefined {
    return this.#cards.get(id)?.look;
  }

  /** The ids of flows whose cards were drawn and may be drawn again. */
  known(): string[] {
    return [...this.#cards.keys()];
  }

  /** Lets every card stand as it is. Resolves when no edit is under way any more, but waits half a second at the most. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ticker.stop();
    const cards = [...this.#cards.values()];
    for (const card of cards) card.drop();
    const settled = Promise.all(cards.map((card) => card.settled()));
    await pTimeout(settled, { milliseconds: stopsWithin, message: false });
  }

  /** Shows an open flow as its record is now, unless something newer is shown meanwhile, or the card is finished. */
  async #redraw(id: string): Promise<void> {
    const card = this.#cards.get(id);
    try {
      const flow = await this.#parts.load(id);
      if (!this.#ticker.isDue(id)) return;
      if (flow && isOpen(flow) && card !== undefined && card === this.#cards.get(id)) await this.draw(flow, true);
      else this.#ticker.stopMoving(id);
    } catch (err) {
      this.#parts.log.warn({ err, flow: id }, 'card not drawn');
      if (isLasting(err)) this.#ticker.stopMoving(id);
      else this.#ticker.tryAgain(id);
    }
  }

  #cardOf(id: string, flow?: Flow): CardEdits {
    const card = this.#cards.get(id) ?? new CardEdits(id, flow?.shown.look ?? null, this.#editParts);
    this.#cards.set(id, card);
    return card;
  }

  /** Somebody deleted the card: silence is fine while it runs, but an end that concerns money is said once. */
  async #drawAnew(flow: Flow): Promise<void> {
    if (flow.wait.submittedAt === null || (flow.stage !== 'failed' && flow.stage !== 'unclear')) return;
    const { messages, clock } = this.#parts;
    const body = { ...renderCard(flow, clock.now()), content: `<@${flow.requester}>` };
    const nonce = `${flow.id}-${flow.stage}`;
    const sent = await messages.create(flow.card.channel, body, nonce, { mention: flow.requester });
    if (!sent.ok && !flow.card.restricted) await messages.direct(flow.requester, body, nonce);
  }
}
