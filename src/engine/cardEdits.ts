import type { Clock } from '../clock.ts';
import type { Messages, Sent } from '../discord/messages.ts';
import type { AnswerToken, PressAnswer } from '../discord/pressAnswer.ts';
import { type Card, renderCard } from '../flows/card.ts';
import { type Flow, isOpen } from '../flows/flow.ts';
import type { Logger } from '../log.ts';
import { lookOf } from './cardLook.ts';
import { type ChannelLines, priorities } from './channelLines.ts';
import { retryPause } from './retryPause.ts';
import type { Tick, Ticker } from './ticker.ts';

/** Milliseconds before its expiry from which a token is no longer used: the edit has to arrive in time. */
const tokenMargin = 30_000;

/** The most attempts for an edit that Discord refuses; while Discord cannot be reached, there is no limit. */
export const maxRefusals = 8;

/** What all cards share. */
export interface EditParts {
  messages: Messages;
  clock: Clock;
  log: Logger;
  lines: ChannelLines;
  ticker: Pick<Ticker, 'add' | 'remove'>;
  isStopped(): boolean;
  /** Whether this process has the flow still. */
  mayAct(): Promise<boolean>;
  /** Told when a card turns out to be deleted. */
  onLost(flow: string): void;
  /** Told when the card of a flow that has ended shows it, or never will. */
  onOver(card: CardEdits): void;
}

/** A card as it is at a moment (milliseconds since 1970). */
interface Rendered {
  flow: Flow;
  message: string;
  at: number;
  body: Card;
  look: string;
}

/**
 * The edits of one card while its flow is open: one is under way at a time, the latest state wins, and the result comes
 * last. A press is answered with the card itself, which waits for nothing. Edits somebody waits for go out through an
 * interaction's token while there is one, which waits in no channel's line, and by bot token after that.
 */
export class CardEdits {
  readonly id: string;
  readonly #parts: EditParts;
  /** A hash of what the card shows; null where that is not certain. */
  #look: string | null;
  /** The latest state that is not shown yet. */
  #waiting: Flow | undefined;
  /** Whether somebody waits to see it. */
  #isAwaited = false;
  /** Whether it stands in its channel's line. */
  #isInLine = false;
  /** Requests that change the card and have no answer yet. */
  readonly #underWay = new Set<Promise<unknown>>();
  /** Presses that are going to be answered with the card. */
  #presses = 0;
  /** The latest press: for some minutes the card can be edited through it. */
  #pressed: AnswerToken | undefined;
  /** A token that no longer works. */
  #deadToken: string | undefined;
  /** Whether the result is on its way to the card. */
  #isFinishing = false;
  /** Whether the flow has ended. */
  #isOver = false;
  /** The latest state that Discord did not take, and how often in a row it took none. */
  #refused: Flow | undefined;
  #failures = 0;
  /** The state that waits, as it was rendered last: to compare and to send it, it is rendered once. */
  #rendered: Rendered | undefined;
  /** Takes back the next try of one that failed. */
  #cancelRetry: (() => void) | undefined;

  /** @param look what the card was known to show when its flow was saved */
  constructor(id: string, look: string | null, parts: EditParts) {
    this.id = id;
    this.#look = look;
    this.#parts = parts;
  }

  /** A hash of what the card shows; null where that is not certain. */
  get look(): string | null {
    return this.#look;
  }

  /** Notes what the new card shows. */
  notePosted(message: string, body: Card): void {
    this.#look = lookOf(message, body);
  }

  /**
   * Shows the flow as it is now. Resolves when its turn has come and gone; at once where a later state or the answer to
   * a press is going to show it.
   *
   * @param canWait nobody waits for it
   */
  async show(flow: Flow, canWait: boolean): Promise<void> {
    this.#isOver = !isOpen(flow);
    this.#waiting = flow;
    this.#isAwaited ||= !canWait;
    await this.#goOn();
  }

  /**
   * Answers a press with the card. Edits of it are held back until then, but for one that is under way already: that
   * may land after the answer, so the card is drawn once more.
   *
   * @param work gives the flow as the press has left it; undefined when the press was answered in another way
   */
  async answer(press: PressAnswer, work: () => Promise<Flow | undefined>): Promise<void> {
    this.#presses++;
    try {
      const flow = await work();
      if (flow) await this.#answerWith(this.#waiting ?? flow, press);
    } finally {
      this.#presses--;
      await this.#goOn();
    }
  }

  /** Draws what nobody waits for, if the channel has room for it. */
  tick(): Tick {
    const channel = this.#waiting?.card.channel;
    if (channel === undefined) return 'nothing';
    if (!this.#parts.lines.hasRoom(channel)) return 'noRoom';
    // What is under way for the card goes on with it afterwards.
    if (this.#isFinishing || this.#isInLine || this.#underWay.size > 0 || this.#presses > 0) return 'nothing';
    this.#inLine(channel, priorities.progress).catch((err) => this.#parts.log.error({ err }, 'card not drawn'));
    return 'drawn';
  }

  /** Makes the last edit of the card: before anything else that waits in its channel, and after what is under way. */
  async finish(flow: Flow, edit: () => Promise<Sent>): Promise<Sent> {
    const { lines, onOver } = this.#parts;
    const { channel } = flow.card;
    this.#waiting = undefined;
    this.#isFinishing = true;
    const sent = await lines.run(channel, priorities.end, async () => {
      await this.settled();
      lines.note(channel);
      return edit();
    });
    this.#look = null;
    if (sent.ok) {
      // What was still to be drawn is out of date; whatever is drawn later is about the finished card.
      this.close();
      onOver(this);
      return sent;
    }
    this.#isFinishing = false;
    this.#isOver = !isOpen(flow);
    await this.#goOn();
    return sent;
  }

  /** Draws nothing any more but what is under way. */
  close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#leaveAsItIs();
    this.#isFinishing = true;
  }

  /** Drops what is not shown yet. */
  drop(): void {
    this.#waiting = undefined;
  }

  /** Resolves when no request that changes the card is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Does what is to be done next, if anything is. */
  async #goOn(): Promise<void> {
    const { ticker, isStopped, onOver } = this.#parts;
    if (this.#isFinishing || this.#isInLine || this.#underWay.size > 0 || this.#presses > 0) return;
    const flow = this.#waiting;
    // What a stop leaves undrawn is drawn by the next start.
    if (isStopped()) return;
    if (!flow) {
      if (this.#isOver && !this.#cancelRetry) onOver(this);
      return;
    }
    if (this.#isShown(flow)) {
      this.#leaveAsItIs();
      return this.#goOn();
    }
    if (!this.#isAwaited) {
      // With thousands of cards, what they wait to show would take much memory. The end of a flow is kept in any case.
      if (ticker.add(this.id, this.#isOver)) return;
      this.#waiting = undefined;
      this.#rendered = undefined;
      return;
    }
    ticker.remove(this.id);
    const token = this.#tokenFor(flow);
    if (token) return this.#edit(token);
    await this.#inLine(flow.card.channel, priorities.awaited);
  }

  async #inLine(channel: string, priority: number): Promise<void> {
    this.#isInLine = true;
    await this.#parts.lines.run(channel, priority, async () => {
      // Progress is drawn without anything being saved, which would show that another process has the flow by now: that one
      // may have posted the result, and nobody would draw it again.
      const mayDraw = priority !== priorities.progress || (await this.#parts.mayAct());
      this.#isInLine = false;
      // Meanwhile a press may have come, or the result.
      if (mayDraw && this.#presses === 0 && !this.#isFinishing && this.#underWay.size === 0) await this.#send();
    });
    // Not in the line: what is drawn next may have to wait for its turn there, and would wait for itself.
    await this.#goOn();
  }

  /** Edits the card to the state that waits; what comes in meanwhile follows. */
  async #edit(token: AnswerToken): Promise<void> {
    await this.#send(token);
    await this.#goOn();
  }

  /** Sends the state that waits to Discord, if the card does not show it yet. */
  async #send(token?: AnswerToken): Promise<void> {
    const { messages, log, lines, isStopped, onLost } = this.#parts;
    const flow = this.#waiting;
    const message = flow?.card.message;
    if (!flow || !message || isStopped() || this.#isShown(flow)) return this.#leaveAsItIs();
    const isAwaited = this.#isAwaited;
    const { body, look } = this.#render(flow, message);
    this.#leaveAsItIs();
    this.#look = null;
    if (!token) lines.note(flow.card.channel);
    const sent = await this.#counted(
      token
        ? messages.editAnswer(token.application, token.token, body)
        : messages.edit(flow.card.channel, message, body),
    );
    if (sent.ok) this.#nowShows(look);
    if (!sent.ok && token && sent.problem !== 'gone') {
      // By bot token it goes as well, only not as fast.
      log.info({ flow: this.id, problem: sent.problem }, 'card not drawn through its interaction');
      this.#deadToken = token.token;
      this.#waiting ??= flow;
      this.#isAwaited ||= isAwaited;
    } else if (!sent.ok) {
      log.warn({ flow: this.id, problem: sent.problem, err: sent.error }, 'card not drawn');
      if (sent.problem === 'gone') onLost(this.id);
      else this.#tryAgainLater(flow, sent.problem === 'unreachable');
    }
  }

  /** Whoever looks at a card must not be left with an old one, such as a price that is being worked out for ever. */
  #tryAgainLater(flow: Flow, isPassing: boolean): void {
    const { clock } = this.#parts;
    this.#refused = flow;
    this.#failures++;
    if (this.#cancelRetry || (!isPassing && this.#failures > maxRefusals)) return;
    const pause = retryPause(this.#failures - 1);
    this.#cancelRetry = clock.wakeAt(clock.now() + pause, () => {
      this.#cancelRetry = undefined;
      // Undefined where a later one was drawn since.
      this.#waiting ??= this.#refused;
      this.#isAwaited = true;
      this.#goOn().catch((err) => this.#parts.log.error({ err, flow: this.id }, 'card not drawn'));
    });
  }

  async #answerWith(flow: Flow, press: PressAnswer): Promise<void> {
    const { log, clock } = this.#parts;
    // The result comes by itself, and nothing may be drawn over it.
    if (this.#isFinishing || flow.stage === 'delivering' || flow.stage === 'delivered') return press.acknowledge();
    const isAlone = this.#underWay.size === 0;
    this.#look = null;
    const body = renderCard(flow, clock.now());
    const sent = await this.#counted(press.update(body));
    if (sent && !sent.ok) log.warn({ flow: flow.id, err: sent.error }, 'press not answered');
    else this.#pressed = press.token;
    if (sent?.ok && isAlone && this.#underWay.size === 0) {
      return this.#nowShows(lookOf(press.token.message, body));
    }
    // It was acknowledged before the card was ready, or an older edit may land after the answer.
    this.#look = null;
    this.#waiting ??= flow;
    this.#isAwaited = true;
  }

  /** Notes what Discord has taken: an older state that it did not take is not tried again. */
  #nowShows(look: string): void {
    this.#look = look;
    this.#refused = undefined;
    this.#failures = 0;
  }

  #isShown(flow: Flow): boolean {
    const { message } = flow.card;
    return message !== null && this.#look !== null && this.#look === this.#render(flow, message).look;
  }

  #render(flow: Flow, message: string): Rendered {
    const now = this.#parts.clock.now();
    const known = this.#rendered;
    if (known?.flow === flow && known.message === message && known.at === now) return known;
    const body = renderCard(flow, now);
    this.#rendered = { flow, message, at: now, body, look: lookOf(message, body) };
    return this.#rendered;
  }

  #leaveAsItIs(): void {
    this.#waiting = undefined;
    this.#rendered = undefined;
    this.#isAwaited = false;
    this.#parts.ticker.remove(this.id);
  }

  /** The interaction through which the card can be edited now: the latest press, or the command it answers. */
  #tokenFor({ card, reply }: Flow): AnswerToken | undefined {
    const known = [...(this.#pressed ? [this.#pressed] : []), { ...reply, message: card.message }];
    const soon = this.#parts.clock.now() + tokenMargin;
    return known.find(
      ({ token, until, message }) =>
        message === card.message && until > soon && token !== '' && token !== this.#deadToken,
    );
  }

  /** Counts a request as under way until it is answered. */
  async #counted<Result>(request: Promise<Result>): Promise<Result> {
    this.#underWay.add(request);
    try {
      return await request;
    } finally {
      this.#underWay.delete(request);
    }
  }
}
