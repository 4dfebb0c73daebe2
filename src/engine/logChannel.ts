import { MessageFlags } from 'discord.js';
import type { Clock } from '../clock.ts';
import { jumpTo } from '../discord/jump.ts';
import { isClosed, type Messages } from '../discord/messages.ts';
import { type Flow, isTerminal } from '../flows/flow.ts';
import { ruleCodes } from '../flows/reasons.ts';
import type { RecipeName } from '../flows/recipes/index.ts';
import { whoseLimit } from '../flows/room.ts';
import type { Languages } from '../guilds/languages.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { linesWithin } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { speaking, t } from '../text/text.ts';
import type { OnSaved } from './runner.ts';

/** What managers of a server read in its log channel. People by their ids; no prompts, and no links but those to cards. */
export type LogEvent =
  | {
      what:
        | 'connected'
        | 'disconnected'
        | 'settingsChanged'
        | 'undone'
        | 'styleChanged'
        | 'limitsChanged'
        | 'approvalsChanged';
      by: string;
    }
  | { what: 'personBlocked' | 'personUnblocked'; by: string; person: string }
  | { what: 'wordBlocked' | 'wordUnblocked'; by: string }
  /** The rules did not let somebody begin something. */
  | { what: 'notBegun'; by: string; recipe: RecipeName; code: (typeof ruleCodes)[number] }
  | { what: 'accountTrouble' };

/** Lines of a server that may wait; what comes on top of them is counted. */
const maxWaiting = 50;
/** Milliseconds after a start until it is told what became of the flows that were taken up. */
const reportAfter = 15_000;

/** A line, made in the language that is spoken then. */
type Line = () => string;

interface Waiting {
  lines: Line[];
  /** Lines for which there was no room. */
  dropped: number;
  isSending: boolean;
}

interface LogChannelParts {
  settings: Pick<GuildSettings, 'of'>;
  messages: Pick<Messages, 'create'>;
  languages: Pick<Languages, 'ofServer'>;
  clock: Clock;
  log: Logger;
}

/**
 * Writes what matters to managers into the channel that their server has chosen for it. Nobody waits for it, and nothing
 * depends on it: what cannot be written is dropped.
 */
export class LogChannel {
  readonly #parts: LogChannelParts;
  readonly #waiting = new Map<string, Waiting>();
  /** Channels that cannot be written to, which the log was told of. */
  readonly #closed = new Set<string>();
  /** Flows that were taken up since the start, until that is told: by server, and whether each has ended. */
  #takenUp: Map<string, Map<string, boolean>> | undefined = new Map();

  constructor(parts: LogChannelParts) {
    this.#parts = parts;
  }

  /** Tells of something that happened in a server. Returns at once, and never throws. */
  tell(guild: string, event: LogEvent): void {
    this.#add(guild, () => sentenceOf(event));
  }

  /** Tells of a change of a flow, where it is one that matters. */
  readonly onSaved: OnSaved = (before, after, event) => {
    const { guild, requester: by } = after;
    if (guild === null) return;
    if (this.#takenUp) this.#noteTakenUp(guild, before, after, event.type);
    const said = { flow: nameOf(after), person: `<@${by}>` };
    if (event.type === 'deleted' && before.shown.deletedAt === null && after.shown.deletedAt !== null)
      return this.#add(guild, () => t('log.deleted', said));
    const { approved, declined } = after.approval;
    if (approved && approved.at !== before.approval.approved?.at)
      return this.#add(guild, () => t('log.approved', { ...said, by: `<@${approved.by}>` }));
    if (declined && declined.at !== before.approval.declined?.at)
      return this.#add(guild, () => t('log.declined', { ...said, by: `<@${declined.by}>` }));
    if (before.stage === after.stage || after.stage !== 'failed') return;
    const { reason } = after.shown;
    if (reason?.code === 'limitFull') {
      const whose = reason.room ? whoseLimit(reason.room) : 'server';
      return this.#add(guild, () => t('log.limitFull', { ...said, whose }));
    }
    const code = ruleCodes.find((one) => one === reason?.code);
    if (code) this.#add(guild, () => t('log.refused', { ...said, why: t(`log.why.${code}`) }));
  };

  /** Tells each server, a moment after the start, how many of its flows were taken up, and how many of them have ended. */
  reportStart(): void {
    const { clock } = this.#parts;
    clock.wakeAt(clock.now() + reportAfter, () => {
      const takenUp = this.#takenUp ?? new Map<string, Map<string, boolean>>();
      this.#takenUp = undefined;
      for (const [guild, flows] of takenUp) {
        const ended = [...flows.values()].filter(Boolean).length;
        this.#add(guild, () => t('log.started', { count: flows.size, done: ended }));
      }
    });
  }

  /**
   * Writes into a channel that somebody chooses, which alone proves that the bot may. Gives whether it could.
   *
   * @param by who chooses it
   */
  async tryOut(guild: string, channel: string, by: string): Promise<boolean> {
    const language = await this.#parts.languages.ofServer(guild);
    const { ok } = await this.#write(
      channel,
      speaking(language, () => t('log.chosen', { person: `<@${by}>` })),
    );
    if (ok) this.#closed.delete(channel);
    return ok;
  }

  #noteTakenUp(guild: string, before: Flow, after: Flow, type: string): void {
    const flows = this.#takenUp?.get(guild) ?? new Map<string, boolean>();
    if (type === 'resumed' && !isTerminal(before)) this.#takenUp?.set(guild, flows.set(after.id, isTerminal(after)));
    else if (flows.has(after.id)) flows.set(after.id, isTerminal(after));
  }

  #add(guild: string, line: Line): void {
    const waiting = this.#waiting.get(guild) ?? { lines: [], dropped: 0, isSending: false };
    this.#waiting.set(guild, waiting);
    if (waiting.lines.length < maxWaiting) waiting.lines.push(line);
    else waiting.dropped++;
    if (waiting.isSending) return;
    waiting.isSending = true;
    this.#send(guild, waiting).catch((err) => this.#parts.log.warn({ err, guild }, 'log channel not written'));
  }

  /** As many lines a message as fit, one message after the other. */
  async #send(guild: string, waiting: Waiting): Promise<void> {
    try {
      while (waiting.lines.length > 0) {
        const channel = (await this.#parts.settings.of(guild)).rules.logChannel;
        if (channel === null || this.#closed.has(channel)) return;
        const language = await this.#parts.languages.ofServer(guild);
        const sent = await this.#write(
          channel,
          speaking(language, () => takeLines(waiting)),
        );
        if (sent.ok) continue;
        this.#parts.log.warn({ err: sent.error, guild, channel }, 'log channel cannot be written to');
        if (isClosed(sent.problem)) this.#closed.add(channel);
      }
    } finally {
      this.#waiting.delete(guild);
    }
  }

  #write(channel: string, content: string) {
    return this.#parts.messages.create(channel, { content, flags: suppressEmbeds }, newId());
  }
}

/** Takes as many lines as one message holds. */
function takeLines(waiting: Waiting): string {
  const text = linesWithin(
    waiting.lines.map((line) => line()),
    limits.content - dropRoom,
  );
  waiting.lines.splice(0, Math.max(1, text.split('\n').length));
  if (waiting.lines.length > 0 || waiting.dropped === 0) return text;
  const more = t('log.dropped', { count: waiting.dropped });
  waiting.dropped = 0;
  return `${text}\n${more}`;
}

/** Characters kept for the line that counts what was dropped. */
const dropRoom = 100;
/** Links to cards are not unfolded. */
const suppressEmbeds = MessageFlags.SuppressEmbeds;

/** A flow by its name, which leads to its card. */
function nameOf({ id, guild, card }: Flow): string {
  const address = jumpTo(guild, card.channel, card.message);
  return address === undefined ? `#${id}` : `[#${id}](${address})`;
}

function sentenceOf(event: LogEvent): string {
  switch (event.what) {
    case 'accountTrouble':
      return t('log.accountTrouble');
    case 'personBlocked':
    case 'personUnblocked':
      return t(`log.${event.what}`, { by: `<@${event.by}>`, person: `<@${event.person}>` });
    case 'notBegun':
      return t('log.notBegun', { person: `<@${event.by}>`, command: event.recipe, why: t(`log.why.${event.code}`) });
    default:
      return t(`log.${event.what}`, { by: `<@${event.by}>` });
  }
}
