import {
  DiscordAPIError,
  HTTPError,
  MessageFlags,
  type REST,
  type RESTPostAPIChannelMessageJSONBody,
  type RequestData,
  Routes,
} from 'discord.js';
import { z } from 'zod';

/** A file to attach. */
export interface Attachment {
  name: string;
  data: Blob;
  /** Alt text, at most 1,024 characters. */
  description: string;
}

/**
 * Why a message did not go out. `forbidden`: the bot has no access to the channel; `noPermission`: it has, but may not
 * do this there; `refused`: anything else that Discord does not want, now or later.
 */
export type Problem =
  | 'gone'
  | 'forbidden'
  | 'noPermission'
  | 'tooLarge'
  | 'dmClosed'
  | 'expired'
  | 'unreachable'
  | 'refused';

/** Whether there is no writing there: the message or its place is gone, or the bot may not. */
export const isClosed = (problem: Problem): boolean => ['gone', 'forbidden', 'noPermission'].includes(problem);

export type Sent = { ok: true; channel: string; message: string } | { ok: false; problem: Problem; error: unknown };

/** `size`: bytes. */
type Found = { ok: true; files: { id: string; url: string; size: number }[] } | { ok: false; problem: Problem };

/** Fields of a message that an edit and a new message share. */
export type MessageBody = Pick<RESTPostAPIChannelMessageJSONBody, 'content' | 'embeds' | 'components' | 'flags'>;

/** What a new message may have beside its body. */
export interface Extra {
  files?: Attachment[];
  /** Who is called: a person, or whoever has a role. */
  mention?: string;
  mentionRole?: string;
  /** The message it answers. */
  replyTo?: string | null;
}

/** Discord's error codes by what they mean to us (docs: topics/opcodes-and-status-codes). */
const problems: Record<number, Problem> = {
  // A channel or a server that is gone took its messages with it.
  10003: 'gone',
  10004: 'gone',
  10008: 'gone',
  10015: 'expired',
  10062: 'expired',
  40003: 'dmClosed',
  40005: 'tooLarge',
  50001: 'forbidden',
  50007: 'dmClosed',
  50013: 'noPermission',
  50027: 'expired',
  50083: 'forbidden',
  50278: 'dmClosed',
};

const filesSchema = z.object({ attachments: z.array(z.object({ id: z.string(), url: z.string(), size: z.number() })) });
const listSchema = z.array(
  z.object({
    id: z.string(),
    author: z.object({ id: z.string() }),
    timestamp: z.iso.datetime({ offset: true }),
    attachments: z.array(z.object({ description: z.string().nullish() })),
  }),
);
const messageSchema = z.object({ id: z.string(), channel_id: z.string() });
const channelSchema = z.object({ id: z.string() });

/** A reply needs Read Message History; the same message without the reference does not. */
const cannotReply = 160002;

/** Messages by bot token, which works for months, unlike an interaction's own token. Never throws. */
export class Messages {
  readonly #rest: REST;

  constructor(rest: REST) {
    this.#rest = rest;
  }

  /** Whether half of what may be sent in this second is used up: what nobody waits for can wait. */
  get isBusy(): boolean {
    const { globalReset, globalRemaining, options } = this.#rest;
    return globalReset > Date.now() && globalRemaining < options.globalRequestsPerSecond / 2;
  }

  /**
   * Posts a message, in which only `body.content` may mention, and only `mention` or `mentionRole`. The same `nonce` (at most 25
   * characters) within a few minutes gives the first message again instead of a second one.
   */
  async create(channel: string, body: MessageBody, nonce: string, extra: Extra = {}): Promise<Sent> {
    const { replyTo, ...others } = extra;
    const sent = await this.#create(channel, body, nonce, extra);
    const isReplyRefused = !sent.ok && sent.error instanceof DiscordAPIError && sent.error.code === cannotReply;
    return isReplyRefused && replyTo ? this.#create(channel, body, nonce, others) : sent;
  }

  #create(channel: string, body: MessageBody, nonce: string, extra: Extra): Promise<Sent> {
    const { files = [], mention, mentionRole, replyTo } = extra;
    const full: RESTPostAPIChannelMessageJSONBody = {
      ...withFiles(body, files),
      allowed_mentions: {
        parse: [],
        ...(mention ? { users: [mention] } : {}),
        ...(mentionRole ? { roles: [mentionRole] } : {}),
      },
      nonce,
      enforce_nonce: true,
      // The message that is answered may be deleted by now.
      ...(replyTo ? { message_reference: { message_id: replyTo, fail_if_not_exists: false } } : {}),
    };
    return attempt(() => this.#rest.post(Routes.channelMessages(channel), sentWith(full, files)));
  }

  /** Edits a message. `files`, when given, replace all it had. */
  edit(channel: string, message: string, body: MessageBody, files?: Attachment[]): Promise<Sent> {
    const route = Routes.channelMessage(channel, message);
    return attempt(() => this.#rest.patch(route, sentWith(withFiles(body, files), files ?? [])));
  }

  /**
   * The files of a message of the bot, with addresses that hold for a day from now. Of other people's messages it is shown
   * none: it does without the intent for their content.
   */
  async files(channel: string, message: string): Promise<Found> {
    try {
      const { attachments } = filesSchema.parse(await this.#rest.get(Routes.channelMessage(channel, message)));
      return { ok: true, files: attachments };
    } catch (error) {
      return { ok: false, problem: problemOf(error) };
    }
  }

  /**
   * The messages of somebody among the latest 100 of a channel that have a file with one of these alt texts, and when each was posted, in
   * milliseconds since 1970; none where the bot cannot read them.
   */
  async withFile(channel: string, author: string, altTexts: string[]): Promise<{ message: string; at: number }[]> {
    try {
      const query = new URLSearchParams({ limit: '100' });
      const latest = listSchema.parse(await this.#rest.get(Routes.channelMessages(channel), { query }));
      const found = latest.filter(
        ({ author: { id }, attachments }) =>
          id === author && attachments.some(({ description }) => altTexts.includes(description ?? '')),
      );
      return found.map(({ id, timestamp }) => ({ message: id, at: Date.parse(timestamp) }));
    } catch {
      return [];
    }
  }

  /** Deletes a message of the bot. Gives whether it is gone. */
  async remove(channel: string, message: string): Promise<boolean> {
    try {
      await this.#rest.delete(Routes.channelMessage(channel, message));
      return true;
    } catch (error) {
      return problemOf(error) === 'gone';
    }
  }

  /** Sends a message to a person. */
  async direct(user: string, body: MessageBody, nonce: string, files: Attachment[] = []): Promise<Sent> {
    try {
      const channel = channelSchema.parse(
        await this.#rest.post(Routes.userChannels(), { body: { recipient_id: user } }),
      );
      return await this.create(channel.id, body, nonce, { files });
    } catch (error) {
      return { ok: false, problem: problemOf(error), error };
    }
  }

  /**
   * Answers an interaction once more, for its user only. `auth: false`: a 401 on a call made with the bot token makes
   * discord.js forget that token (discordjs/discord.js #10798), and an old interaction answers 401.
   */
  whisper(application: string, token: string, body: Pick<MessageBody, 'content' | 'components'>): Promise<Sent> {
    const flags = MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds;
    const full = { ...body, flags, allowed_mentions: { parse: [] } };
    const route = Routes.webhook(application, token);
    return attempt(() => this.#rest.post(route, { body: full, auth: false, query: waitForIt }));
  }

  /** Edits the message with which an interaction was answered, or whose button was pressed, while its token holds. */
  editAnswer(application: string, token: string, body: MessageBody): Promise<Sent> {
    const route = Routes.webhookMessage(application, token, '@original');
    return attempt(() => this.#rest.patch(route, { body: withFiles(body, undefined), auth: false }));
  }

  /** Finds the message with which an interaction was answered. */
  answerOf(application: string, token: string): Promise<Sent> {
    return attempt(() => this.#rest.get(Routes.webhookMessage(application, token, '@original'), { auth: false }));
  }
}

const waitForIt = new URLSearchParams({ wait: 'true' });

function withFiles(body: MessageBody, files: Attachment[] | undefined) {
  const attachments = files?.map(({ name, description }, id) => ({ id: String(id), filename: name, description }));
  return { ...body, allowed_mentions: { parse: [] }, ...(attachments ? { attachments } : {}) };
}

/**
 * A request with files, as discord.js is to pass it on: it would read every file into memory, and takes a file on disk for
 * text (docs: reference, Uploading Files).
 */
function sentWith(body: object, files: Attachment[]): RequestData {
  if (files.length === 0) return { body };
  const form = new FormData();
  for (const [index, { name, data }] of files.entries()) form.append(`files[${index}]`, data, name);
  form.append('payload_json', JSON.stringify(body));
  return { body: form, passThroughBody: true };
}

async function attempt(call: () => Promise<unknown>): Promise<Sent> {
  try {
    const { id, channel_id } = messageSchema.parse(await call());
    return { ok: true, channel: channel_id, message: id };
  } catch (error) {
    return { ok: false, problem: problemOf(error), error };
  }
}

/** Turns an error of discord.js into one of our reasons. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DiscordAPIError) {
    const known = problems[Number(error.code)];
    if (known) return known;
    if (error.status === 413) return 'tooLarge';
    return error.status >= 500 || error.status === 429 ? 'unreachable' : 'refused';
  }
  if (error instanceof HTTPError && error.status === 413) return 'tooLarge';
  return 'unreachable';
}
