import { EventEmitter } from 'node:events';
import type { APIAttachment, APIEmbed, APIMessageTopLevelComponent } from 'discord.js';
import type { Clock } from '../../src/clock.ts';
import { refusals } from './errors.ts';

/** Permissions the stand-in knows, with Discord's bits (docs: topics/permissions). */
export const permissionBits = {
  AddReactions: 1n << 6n,
  ViewChannel: 1n << 10n,
  SendMessages: 1n << 11n,
  ManageMessages: 1n << 13n,
  EmbedLinks: 1n << 14n,
  AttachFiles: 1n << 15n,
  ReadMessageHistory: 1n << 16n,
  SendMessagesInThreads: 1n << 38n,
} as const;

export type Permission = keyof typeof permissionBits;

export const channelTypes = { text: 0, dm: 1, thread: 11 } as const;

export interface User {
  id: string;
  name: string;
  bot: boolean;
  /** Whether strangers and bots may write to this person. */
  dmsOpen: boolean;
}

export interface Guild {
  id: string;
  name: string;
  members: Set<string>;
  /** Bytes a file may have in this server. */
  fileLimit: number;
  /** Who may manage messages, and who the server itself. */
  managers: Set<string>;
  admins: Set<string>;
  /** What the bot's role may not do in the whole server. */
  denied: Set<Permission>;
}

export interface Channel {
  id: string;
  type: number;
  name: string;
  guild: string | null;
  /** The person at the other end of a DM. */
  recipient: string | null;
  isArchived: boolean;
  isLocked: boolean;
  /** For adults only. */
  isRestricted: boolean;
  /** What the bot may not do here. */
  denied: Set<Permission>;
}

export interface Message {
  id: string;
  channel: string;
  author: string;
  content: string;
  embeds: APIEmbed[];
  components: APIMessageTopLevelComponent[];
  attachments: APIAttachment[];
  flags: number;
  mentions: string[];
  nonce: string | null;
  /** The message it answers. */
  replyTo: string | null;
  /** The message it forwards, as it was then. */
  forwarded: Message | null;
  /** Who alone sees it; null for everybody. */
  ephemeralFor: string | null;
  /** The command it answers, as Discord shows above the message. */
  usedBy: { user: string; command: string } | null;
  createdAt: number;
  editedAt: number | null;
  edits: number;
  /** A deferred answer that has not been filled yet. */
  isThinking: boolean;
}

export interface StoredFile {
  name: string;
  data: Buffer;
  type: string;
  expiresAt: number;
}

const discordEpoch = 1_420_070_400_000;
const linkLife = 24 * 3_600_000;
const mebibyte = 1024 * 1024;

/** Everything that exists in this little Discord. Changes are announced as `change`. */
export class World extends EventEmitter {
  readonly clock: Clock;
  readonly users = new Map<string, User>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();
  readonly messages = new Map<string, Message>();
  readonly files = new Map<string, StoredFile>();
  readonly bot: User;
  /** Where files are served from; known once the server listens. */
  origin = '';
  /** Where the gateway is reached (wss). */
  gatewayAddress = '';
  #counter = 0n;

  constructor(clock: Clock) {
    super();
    this.setMaxListeners(0);
    this.clock = clock;
    this.bot = this.addUser('Kubeez', true);
  }

  /** A fresh id; like Discord's it tells when it was made. */
  snowflake(): string {
    this.#counter += 1n;
    return ((BigInt(this.clock.now() - discordEpoch) << 22n) | (this.#counter & 0x3fffffn)).toString();
  }

  changed(): void {
    this.emit('change');
  }

  addUser(name: string, bot = false): User {
    const user = { id: this.snowflake(), name, bot, dmsOpen: true };
    this.users.set(user.id, user);
    return user;
  }

  addGuild(name: string, members: User[], fileLimit = 10 * mebibyte): Guild {
    const guild = {
      id: this.snowflake(),
      name,
      members: new Set(members.map((user) => user.id)),
      fileLimit,
      managers: new Set<string>(),
      admins: new Set<string>(),
      denied: new Set<Permission>(),
    };
    this.guilds.set(guild.id, guild);
    return guild;
  }

  addChannel(guild: Guild, name: string, type: number = channelTypes.text): Channel {
    return this.#keep({ name, type, guild: guild.id, recipient: null });
  }

  /** The DM between the bot and a person. */
  dmWith(user: User): Channel {
    const known = [...this.channels.values()].find((channel) => channel.recipient === user.id);
    return known ?? this.#keep({ name: user.name, type: channelTypes.dm, guild: null, recipient: user.id });
  }

  #keep(rest: Pick<Channel, 'name' | 'type' | 'guild' | 'recipient'>): Channel {
    const channel = {
      ...rest,
      id: this.snowflake(),
      isArchived: false,
      isRestricted: false,
      isLocked: false,
      denied: new Set<Permission>(),
    };
    this.channels.set(channel.id, channel);
    this.changed();
    return channel;
  }

  user(id: string): User {
    const user = this.users.get(id);
    if (!user) throw refusals.unknownUser();
    return user;
  }

  channel(id: string): Channel {
    const channel = this.channels.get(id);
    if (!channel) throw refusals.unknownChannel();
    return channel;
  }

  message(channel: string, id: string): Message {
    const message = this.messages.get(id);
    if (!message || message.channel !== channel) throw refusals.unknownMessage();
    return message;
  }

  guildOf(channel: Channel): Guild | undefined {
    return channel.guild ? this.guilds.get(channel.guild) : undefined;
  }

  /** Bytes a file may have in a place. */
  fileLimit(channel: Channel): number {
    return this.guildOf(channel)?.fileLimit ?? 10 * mebibyte;
  }

  /** What the bot may do in a channel, as Discord's bit set. */
  permissions(channel: Channel): bigint {
    return bitsWithout(channel.denied, this.guildOf(channel)?.denied);
  }

  /** The same of a whole server, whatever its channels say. */
  permissionsIn = (guild: Guild): bigint => bitsWithout(guild.denied);

  /** Messages of a channel, oldest first, as `viewer` sees them (everything when left out). */
  messagesIn(channel: string, viewer?: string): Message[] {
    return [...this.messages.values()].filter(
      (message) =>
        message.channel === channel &&
        (viewer === undefined || message.ephemeralFor === null || message.ephemeralFor === viewer),
    );
  }

  /** Keeps a file and gives what Discord says of it; its address lapses after a day. */
  keepFile(channel: string, name: string, data: Buffer, type: string, description?: string): APIAttachment {
    const id = this.snowflake();
    const expiresAt = this.clock.now() + linkLife;
    this.files.set(id, { name, data, type, expiresAt });
    const expiry = Math.floor(expiresAt / 1000).toString(16);
    const url = `${this.origin}/attachments/${channel}/${id}/${encodeURIComponent(name)}?ex=${expiry}`;
    return {
      id,
      filename: name,
      size: data.length,
      url,
      proxy_url: url,
      content_type: type,
      ...(description === undefined ? {} : { description }),
    };
  }

  /** Resolves as soon as `find` gives something; rejects after `patience` milliseconds of real time. */
  until<Found>(find: () => Found | undefined | null | false, what = 'it', patience = 15_000): Promise<Found> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.off('change', look);
        reject(new Error(`Waited ${patience} ms for ${what}, and it did not happen`));
      }, patience);
      const look = () => {
        const found = find();
        if (!found) return;
        clearTimeout(timer);
        this.off('change', look);
        resolve(found);
      };
      this.on('change', look);
      look();
    });
  }
}

const isPermission = (name: string): name is Permission => name in permissionBits;

/** Everything but what is denied somewhere, as Discord's bit set. */
const bitsWithout = (...denied: (ReadonlySet<Permission> | undefined)[]): bigint =>
  Object.keys(permissionBits)
    .filter(isPermission)
    .filter((name) => !denied.some((some) => some?.has(name)))
    .reduce((bits, name) => bits | permissionBits[name], 0n);
