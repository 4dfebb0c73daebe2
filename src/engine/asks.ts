import { ButtonStyle, ComponentType } from 'discord.js';
import type { Clock } from '../clock.ts';
import { jumpTo } from '../discord/jump.ts';
import { isClosed, type MessageBody, type Messages } from '../discord/messages.ts';
import { renderAsk } from '../flows/approvalMessage.ts';
import type { Event } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import type { SentMessage } from '../flows/sentMessage.ts';
import type { Logger } from '../log.ts';
import { KeyedQueue } from '../state/keyedQueue.ts';
import { speaking, t } from '../text/text.ts';
import { retryPause } from './retryPause.ts';

interface AsksParts {
  messages: Pick<Messages, 'edit' | 'create'>;
  clock: Clock;
  log: Logger;
  /** Whether anything may still be done later: not once the bot stops. */
  isRunning(): boolean;
  tell(flow: string, event: Event): void;
}

/** How often the same ask is posted at most: somebody may go on deleting it. */
const maxPosts = 5;

/** An ask as this process knows it. */
interface Known {
  latest: Flow;
  message: SentMessage | null;
  /** Earlier ones, in channels that were closed to the bot. */
  left: SentMessage[];
  posts: number;
  failures: number;
}

/** The messages that ask approvers: each shows the latest state of its flow, and one change of it is under way at a time. */
export class Asks {
  readonly #parts: AsksParts;
  readonly #turns = new KeyedQueue();
  readonly #known = new Map<string, Known>();

  constructor(parts: AsksParts) {
    this.#parts = parts;
  }

  /** Posts the message, or brings it up to date; tells the flow where it is. Never throws. */
  show(flow: Flow): Promise<void> {
    const { message, left, posts, asks } = flow.approval;
    const key = `${flow.id}.${asks}`;
    const known = this.#known.get(key) ?? { latest: flow, message, left, posts, failures: 0 };
    known.latest = flow;
    this.#known.set(key, known);
    return this.#turns.run(key, () => this.#show(key, known));
  }

  async #show(key: string, known: Known): Promise<void> {
    const { latest: flow } = known;
    const { version } = flow.approval;
    for (const { channel, message } of known.left) await this.#parts.messages.edit(channel, message, bodyOf(flow));
    const problem = await this.#bring(flow, known);
    if (problem === 'unreachable') return this.#tryAgain(key, known);
    known.failures = 0;
    if (flow.stage !== 'held' && known.latest === flow) this.#known.delete(key);
    const { message, left, posts } = known;
    if (message === null && flow.stage !== 'held') return;
    this.#parts.tell(flow.id, { type: 'askShown', ask: flow.approval.asks, version, message, left, posts, problem });
  }

  /** Gives what is wrong with the place where it is now; `unreachable` where nothing is known of that yet. */
  async #bring(flow: Flow, known: Known): Promise<Flow['approval']['problem'] | 'unreachable'> {
    const { messages, log } = this.#parts;
    const { rule } = flow.approval;
    const isHeld = flow.stage === 'held';
    if (known.message) {
      const sent = await messages.edit(known.message.channel, known.message.message, bodyOf(flow));
      const isElsewhere = known.message.channel === rule?.channel ? null : 'elsewhere';
      if (sent.ok) return isElsewhere;
      if (sent.problem === 'unreachable') return 'unreachable';
      log.warn({ flow: flow.id, problem: sent.problem }, 'message to approvers not changed');
      // What is answered needs no message any more; what is open does, wherever it can be.
      if (!isHeld || known.posts >= maxPosts || !isClosed(sent.problem)) return isElsewhere;
      // In a channel that is closed to the bot it is still there, and can be changed once that is over.
      if (sent.problem === 'gone') known.message = null;
    }
    if (!isHeld || !rule) return null;
    return this.#post(flow, known, rule);
  }

  /** Asks in the channel that the server has chosen; where that cannot be, in that of the card. */
  async #post(flow: Flow, known: Known, rule: NonNullable<Flow['approval']['rule']>) {
    const { messages, log } = this.#parts;
    const { id, guild, card, approval } = flow;
    const places = [rule.channel, card.channel];
    for (const [index, channel] of places.entries()) {
      const nonce = `${id}-ask${approval.asks}-${known.posts}-${index}`;
      const there = index === 0 ? flow : elsewhere(flow);
      // They are called once: that somebody deleted the message is no news. The role of everybody is never called.
      const mentionRole = known.posts === 0 && rule.approvers !== guild ? { mentionRole: rule.approvers } : {};
      const sent = await messages.create(channel, bodyOf(there), nonce, mentionRole);
      if (sent.ok) {
        if (known.message) known.left = [...known.left, known.message];
        known.message = { channel: sent.channel, message: sent.message };
        known.posts++;
        return index === 0 ? null : ('elsewhere' as const);
      }
      if (sent.problem === 'unreachable') return 'unreachable';
      log.warn({ flow: id, channel, problem: sent.problem }, 'approvers cannot be asked there');
    }
    return 'nowhere' as const;
  }

  #tryAgain(key: string, known: Known): void {
    const { clock, isRunning } = this.#parts;
    const pause = retryPause(known.failures++);
    clock.wakeAt(clock.now() + pause, () => {
      if (isRunning() && this.#known.get(key) === known) void this.#turns.run(key, () => this.#show(key, known));
    });
  }
}

/** As it is shown where it was not meant to be. */
const elsewhere = (flow: Flow): Flow => ({ ...flow, approval: { ...flow.approval, problem: 'elsewhere' } });

/** The message, with a way to the card. */
const bodyOf = (flow: Flow): MessageBody => speaking(flow.languages.card, () => withWay(flow));

function withWay(flow: Flow): MessageBody {
  const body = renderAsk(flow);
  const url = jumpTo(flow.guild, flow.card.channel, flow.card.message);
  if (url === undefined) return body;
  const link = { type: ComponentType.Button, style: ButtonStyle.Link, label: t('button.openCard'), url } as const;
  const [row] = body.components;
  return { ...body, components: [{ type: ComponentType.ActionRow, components: [...(row?.components ?? []), link] }] };
}
