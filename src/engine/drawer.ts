import { createHash } from 'node:crypto';
import pTimeout from 'p-timeout';
import type { Clock } from '../clock.ts';
import type { Attachment, MessageBody, Messages, Sent } from '../discord/messages.ts';
import type { AnswerToken, PressAnswer } from '../discord/pressAnswer.ts';
import { type Card, renderCard } from '../flows/card.ts';
import { type Flow, isOpen } from '../flows/flow.ts';
import { redrawAfter } from '../flows/times.ts';
import type { Logger } from '../log.ts';
import { ChannelLines, priorities } from './channelLines.ts';

interface DrawerParts {
  messages: Messages;
  clock: Clock;
  log: Logger;
  /** Told when a card turns out to be deleted. */
  onLost(flow: string): void;
}

/** Milliseconds between two edits that nobody waits for, over all cards: most of Discord's 50 a second is for people. */
const progressEvery = 100;

/** Milliseconds an edit under way is waited for when the bot stops. */
const stopsWithin = 500;

/** A token is no longer used so many milliseconds before it lapses: the edit has to arrive in time. */
const tokenMargin = 30_000;

/** What is known of a card while its flow is open. */
interface CardState {
  /** The latest state that is not shown yet. */
  waiting: Flow | undefined;
  /** Whether somebody waits to see it. */
  isAwaited: boolean;
  /** Whether it stands in its channel's line. */
  isInLine: boolean;
  /** A hash of what the card shows; null where that is not certain. */
  look: string | null;
  /** Requests that change the card and have no answer yet. */
  underWay: Set<Promise<unknown>>;
  /** Presses that are going to be answered with the card. */
  presses: number;
  /** The latest press: for some minutes the card can be edited through it. */
  pressed: AnswerToken | undefined;
  /** A token that no longer works. */
  deadToken: string | undefined;
  /** Whether the result is on its way to the card. */
  isFinishing: boolean;
  /** Whether the flow has ended. */
  isOver: boolean;
  cancelRedraw(): void;
}

/**
 * Brings cards up to date. Of each card one edit is under way at a time, the latest state wins, and the result comes
 * last. A press is answered with the card itself, which waits for nothing. Edits somebody waits for go out through an
 * interaction's token while there is one, which waits in no channel's line, and by bot token after that. The card of a
 * running job moves by itself in between; that needs no record, because nothing but the time has changed.
 */
export class Drawer {
  readonly #parts: DrawerParts;
  readonly #lines: ChannelLines;
  readonly #cards = new Map<string, CardState>();
  /** Cards to be drawn when there is room: nobody waits for them. The one that waited longest comes first. */
  readonly #canWait = new Set<string>();
  #pause: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: DrawerParts) {
    this.#parts = parts;
    this.#lines = new ChannelLines(() => parts.clock.now());
  }

  /**
   * Shows the flow as it is now. Resolves when its turn has come and gone; at once where a later draw or the answer to a
   * press is going to show it.
   *
   * @param canWait nobody waits for it: it is drawn when there is room
   */
  async draw(flow: Flow, canWait = false): Promise<void> {
    if (this.#isStopped) return;
    const state = this.#stateOf(flow.id, flow);
    state.cancelRedraw();
    if (flow.card.lost) {
      this.#cards.delete(flow.id);
      return this.#drawAnew(flow);
    }
    if (flow.card.message === null) return;
    this.#redrawLater(flow, state);
    state.isOver = !isOpen(flow);
    state.waiting = flow;
    state.isAwaited ||= !canWait;
    await this.#goOn(flow.id, state);
  }

  /**
   * Answers a press with the card. Edits of it are held back until then, but for one that is under way already: that
   * may land after the answer, so the card is drawn once more.
   *
   * @param work gives the flow as the press has left it; undefined when the press was answered in another way
   */
  async answer(id: string, press: PressAnswer, work: () => Promise<Flow | undefined>): Promise<void> {
    const state = this.#stateOf(id);
    state.presses++;
    try {
      const flow = await work();
      if (flow) await this.#answerWith(state.waiting ?? flow, state, press);
    } finally {
      state.presses--;
      await this.#goOn(id, state);
    }
  }

  /** Edits the card for the last time: with files, and before anything else that waits in its channel. */
  async finish(flow: Flow, message: string, body: MessageBody, files: Attachment[]): Promise<Sent> {
    const state = this.#stateOf(flow.id, flow);
    state.cancelRedraw();
    state.waiting = undefined;
    state.isFinishing = true;
    const sent = await this.#lines.run(flow.card.channel, priorities.end, async () => {
      while (state.underWay.size > 0) await Promise.allSettled(state.underWay);
      this.#lines.note(flow.card.channel);
      return this.#parts.messages.edit(flow.card.channel, message, body, files);
    });
    state.look = null;
    if (sent.ok) {
      // What was still to be drawn is out of date; whatever is drawn later is about the finished card.
      this.#leaveAsItIs(flow.id, state);
      if (this.#cards.get(flow.id) === state) this.#cards.delete(flow.id);
      return sent;
    }
    state.isFinishing = false;
    state.isOver = !isOpen(flow);
    await this.#goOn(flow.id, state);
    return sent;
  }

  /** Changes the message that a card has left, after what is still on its way there. */
  async leave(id: string, channel: string, message: string, body: MessageBody): Promise<void> {
    const state = this.#cards.get(id);
    await this.#lines.run(channel, priorities.awaited, async () => {
      while (state && state.underWay.size > 0) await Promise.allSettled(state.underWay);
      this.#lines.note(channel);
      const sent = await this.#parts.messages.edit(channel, message, body);
      if (!sent.ok) this.#parts.log.info({ flow: id, problem: sent.problem }, 'card that was left not changed');
    });
  }

  /** Puts these words in the place of a card whose flow is gone, with nothing to press. */
  async giveUp(id: string, channel: string, message: string, words: string): Promise<void> {
    const state = this.#stateOf(id);
    state.cancelRedraw();
    this.#leaveAsItIs(id, state);
    state.isFinishing = true;
    await this.leave(id, channel, message, { content: words, embeds: [], components: [] });
    this.#cards.delete(id);
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
    this.#pause?.();
    const states = [...this.#cards.values()];
    for (const state of states) {
      state.cancelRedraw();
      state.waiting = undefined;
    }
    const settled = Promise.allSettled(states.flatMap(({ underWay }) => [...underWay]));
    await pTimeout(settled, { milliseconds: stopsWithin, message: false });
  }

  #stateOf(id: string, flow?: Flow): CardState {
    const known = this.#cards.get(id);
    if (known) return known;
    const state: CardState = {
      waiting: undefined,
      isAwaited: false,
      isInLine: false,
      look: flow?.look ?? null,
      underWay: new Set(),
      presses: 0,
      pressed: undefined,
      deadToken: undefined,
      isFinishing: false,
      isOver: false,
      cancelRedraw: () => {},
    };
    this.#cards.set(id, state);
    return state;
  }

  /** Does what is to be done next for a card, if anything is. */
  async #goOn(id: string, state: CardState): Promise<void> {
    const { waiting, isFinishing, isInLine, underWay, presses } = state;
    if (isFinishing || isInLine || underWay.size > 0 || presses > 0) return;
    if (!waiting || this.#isStopped) {
      if (state.isOver && this.#cards.get(id) === state) this.#cards.delete(id);
      return;
    }
    if (this.#isShown(waiting, state)) {
      this.#leaveAsItIs(id, state);
      return this.#goOn(id, state);
    }
    if (!state.isAwaited) {
      this.#canWait.add(id);
      return this.#drawNext();
    }
    this.#canWait.delete(id);
    const token = this.#tokenFor(waiting, state);
    if (token) return this.#edit(id, state, token);
    await this.#inLine(id, state, waiting.card.channel, priorities.awaited);
  }

  async #inLine(id: string, state: CardState, channel: string, priority: number): Promise<void> {
    state.isInLine = true;
    await this.#lines.run(channel, priority, async () => {
      state.isInLine = false;
      // Meanwhile a press may have come, or the result.
      if (state.presses === 0 && !state.isFinishing && state.underWay.size === 0) await this.#edit(id, state);
    });
  }

  /** Draws one of the cards nobody waits for, if a channel has room; then the next one a little later. */
  #drawNext(): void {
    if (this.#pause || this.#isStopped || this.#canWait.size === 0) return;
    const { clock, messages } = this.#parts;
    for (const id of messages.isBusy ? [] : this.#canWait) {
      const state = this.#cards.get(id);
      const channel = state?.waiting?.card.channel;
      if (state && channel !== undefined && !this.#lines.hasRoom(channel)) continue;
      this.#canWait.delete(id);
      if (!state || channel === undefined) continue;
      const isFree = !state.isFinishing && !state.isInLine && state.underWay.size === 0 && state.presses === 0;
      // What is under way for the card goes on with it afterwards.
      if (!isFree) continue;
      this.#inBackground(this.#inLine(id, state, channel, priorities.progress));
      break;
    }
    this.#pause = clock.wakeAt(clock.now() + progressEvery, () => {
      this.#pause = undefined;
      this.#drawNext();
    });
  }

  /** Edits the card to the state that waits; what comes in meanwhile follows. */
  async #edit(id: string, state: CardState, token?: AnswerToken): Promise<void> {
    const { messages, clock, log, onLost } = this.#parts;
    const flow = state.waiting;
    const message = flow?.card.message;
    if (!flow || !message || this.#isStopped || this.#isShown(flow, state)) {
      this.#leaveAsItIs(id, state);
      return this.#goOn(id, state);
    }
    const { isAwaited } = state;
    this.#leaveAsItIs(id, state);
    state.look = null;
    const body = renderCard(flow, clock.now());
    if (!token) this.#lines.note(flow.card.channel);
    const sent = await underWay(
      state,
      token
        ? messages.editAnswer(token.application, token.token, body)
        : messages.edit(flow.card.channel, message, body),
    );
    state.look = sent.ok ? lookOf(message, body) : null;
    if (!sent.ok && token && sent.problem !== 'gone') {
      // By bot token it goes as well, only not as fast.
      log.info({ flow: id, problem: sent.problem }, 'card not drawn through its interaction');
      state.deadToken = token.token;
      state.waiting ??= flow;
      state.isAwaited ||= isAwaited;
    } else if (!sent.ok) {
      log.warn({ flow: id, problem: sent.problem, err: sent.error }, 'card not drawn');
      if (sent.problem === 'gone') onLost(id);
    }
    await this.#goOn(id, state);
  }

  async #answerWith(flow: Flow, state: CardState, press: PressAnswer): Promise<void> {
    const { log, clock } = this.#parts;
    // The result comes by itself, and nothing may be drawn over it.
    if (state.isFinishing || flow.stage === 'delivering' || flow.stage === 'delivered') return press.acknowledge();
    const isAlone = state.underWay.size === 0;
    state.look = null;
    const body = renderCard(flow, clock.now());
    const sent = await underWay(state, press.update(body));
    if (sent && !sent.ok) log.warn({ flow: flow.id, err: sent.error }, 'press not answered');
    else state.pressed = press.token;
    if (sent?.ok && isAlone && state.underWay.size === 0) {
      state.look = lookOf(press.token.message, body);
      return;
    }
    // It was acknowledged before the card was ready, or an older edit may land after the answer.
    state.look = null;
    state.waiting ??= flow;
    state.isAwaited = true;
  }

  #isShown(flow: Flow, { look }: CardState): boolean {
    const { message } = flow.card;
    return message !== null && look === lookOf(message, renderCard(flow, this.#parts.clock.now()));
  }

  #leaveAsItIs(id: string, state: CardState): void {
    state.waiting = undefined;
    state.isAwaited = false;
    this.#canWait.delete(id);
  }

  /** The interaction through which the card can be edited now: the latest press, or the command it answers. */
  #tokenFor({ card, reply }: Flow, { pressed, deadToken }: CardState): AnswerToken | undefined {
    const known = [...(pressed ? [pressed] : []), { ...reply, message: card.message }];
    const soon = this.#parts.clock.now() + tokenMargin;
    return known.find(
      ({ token, until, message }) => message === card.message && until > soon && token !== '' && token !== deadToken,
    );
  }

  #redrawLater(flow: Flow, state: CardState): void {
    const { clock } = this.#parts;
    const pause = flow.stage === 'running' ? redrawAfter(clock.now() - (flow.running?.since ?? 0)) : undefined;
    if (pause === undefined) return;
    const shared = Math.max(pause, this.#canWait.size * progressEvery);
    state.cancelRedraw = clock.wakeAt(clock.now() + shared, () => this.#inBackground(this.draw(flow, true)));
  }

  #inBackground(drawing: Promise<void>): void {
    drawing.catch((err) => this.#parts.log.error({ err }, 'card not drawn'));
  }

  /** Somebody deleted the card: silence is fine while it runs, but an end that concerns money is said once. */
  async #drawAnew(flow: Flow): Promise<void> {
    if (flow.submittedAt === null || (flow.stage !== 'failed' && flow.stage !== 'unclear')) return;
    const { messages, clock } = this.#parts;
    const body = { ...renderCard(flow, clock.now()), content: `<@${flow.requester}>` };
    const nonce = `${flow.id}-${flow.stage}`;
    const sent = await messages.create(flow.card.channel, body, nonce, { mention: flow.requester });
    if (!sent.ok && !flow.card.restricted) await messages.direct(flow.requester, body, nonce);
  }
}

/** Counts a request as under way until it is answered. */
async function underWay<Result>(state: CardState, request: Promise<Result>): Promise<Result> {
  state.underWay.add(request);
  try {
    return await request;
  } finally {
    state.underWay.delete(request);
  }
}

/** A hash of what a message shows. */
const lookOf = (message: string, body: Card) =>
  createHash('sha1')
    .update(message + JSON.stringify(body))
    .digest('base64');
