import { EventEmitter } from 'node:events';
import type { APIAttachment, APIEmbed, APIMessageTopLevelComponent } from 'discord.js';
import type { Clock } from '../../src/clock.ts';
import { channelTypes, isThread } from './channelTypes.ts';
import { refusals } from './errors.ts';
import {
  bitsOf,
  isVisible,
  type Overwrite,
  type Permission,
  permissionsOf,
  type Role,
  usualPermissions,
} from './permissions.ts';

export interface User {
  id: string;
  name: string;
  bot: boolean;
  /** Whether strangers and bots may write to this person. */
  dmsOpen: boolean;
  /** The language of their app, in Discord's code. */
  locale: string;
}

export interface Guild {
  id: string;
  name: string;
  /** The language that its owner has chosen for it, in Discord's code. */
  locale: string;
  members: Set<string>;
  /** Whoever owns it may do everything. */
  owner: string;
  /** By id; that of everybody has the server's own. */
  roles: Map<string, Role>;
  /** Roles of each member beside that of everybody. */
  memberRoles: Map<string, Set<string>>;
  /** Bytes a file may have in this server. */
  fileLimit: number;
  /** Who may manage messages, and who the server itself, by whatever role. */
  managers: Set<string>;
  admins: Set<string>;
  /** What the bot's role may not do in the whole server. */
  denied: Set<Permission>;
  /** The channel in which Discord tells what is new, if there is one. */
  systemChannel: string | null;
  /** Whether the bot is in it. */
  hasBot: boolean;
  /** False during an outage of Discord. */
  isAvailable: boolean;
}

export interface Channel {
  id: string;
  type: number;
  name: string;
  guild: string | null;
  /** The person at the other end of a DM. */
  recipient: string | null;
  /** The channel a thread belongs to. */
  parent: string | null;
  /** What it allows and denies; threads have none of their own. */
  overwrites: Overwrite[];
  /** Who was added to a private thread. */
  members: Set<string>;
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
  /** Roles whose people are pinged. */
  roleMentions: string[];
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

/** Something that Discord will not take: a file by its name, or a message by any of its words. */
export interface Unwanted {
  what: 'file' | 'words';
  pattern: RegExp;
  status: number;
  code: number;
  times: number;
}

export interface StoredFile {
  name: string;
  data: Buffer;
  type: string;
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
  /** What is refused although nothing is wrong with it: explicit content (20009), harmful links (240000), a bare 403. */
  readonly unwanted: Unwanted[] = [];
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

  /** When something with this id was made, in milliseconds since 1970. */
  madeAt(id: string): number {
    return Number(BigInt(id) >> 22n) + discordEpoch;
  }

  changed(): void {
    this.emit('change');
  }

  addUser(name: string, bot = false): User {
    const user = { id: this.snowflake(), name, bot, dmsOpen: true, locale: 'en-US' };
    this.users.set(user.id, user);
    return user;
  }

  addGuild(name: string, members: User[], fileLimit = 10 * mebibyte, id = this.snowflake()): Guild {
    const guild: Guild = {
      id,
      name,
      locale: 'en-US',
      owner: this.snowflake(),
      roles: new Map([[id, { id, name: '@everyone', permissions: bitsOf(...usualPermissions) }]]),
      memberRoles: new Map<string, Set<string>>(),
      members: new Set(members.map((user) => user.id)),
      fileLimit,
      managers: new Set<string>(),
      admins: new Set<string>(),
      denied: new Set<Permission>(),
      systemChannel: null,
      hasBot: true,
      isAvailable: true,
    };
    this.guilds.set(guild.id, guild);
    return guild;
  }

  /** A role that the named people have. */
  addRole(guild: Guild, name: string, permissions: Permission[] = [], members: User[] = []): Role {
    const role = { id: this.snowflake(), name, permissions: bitsOf(...permissions) };
    guild.roles.set(role.id, role);
    for (const { id } of members) guild.memberRoles.set(id, new Set([...(guild.memberRoles.get(id) ?? []), role.id]));
    return role;
  }

  /** A channel; a thread belongs to `parent`, or else to the server's first channel. */
  addChannel(guild: Guild, name: string, type: number = channelTypes.text, parent?: Channel): Channel {
    const first = [...this.channels.values()].find((one) => one.guild === guild.id && !isThread(one));
    const own = isThread({ type }) ? (parent ?? first)?.id : parent?.id;
    return this.#keep({ name, type, guild: guild.id, recipient: null, parent: own ?? null });
  }

  /** The DM between the bot and a person. */
  dmWith(user: User): Channel {
    const known = [...this.channels.values()].find((channel) => channel.recipient === user.id);
    return (
      known ?? this.#keep({ name: user.name, type: channelTypes.dm, guild: null, recipient: user.id, parent: null })
    );
  }

  #keep(rest: Pick<Channel, 'name' | 'type' | 'guild' | 'recipient' | 'parent'>): Channel {
    const channel = {
      ...rest,
      id: this.snowflake(),
      overwrites: [],
      members: new Set<string>(),
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

  guild(id: string): Guild {
    const guild = this.guilds.get(id);
    if (!guild) throw refusals.unknownGuild();
    return guild;
  }

  /** A server as the bot may ask about it. */
  guildOfBot(id: string): Guild {
    const guild = this.guild(id);
    if (!guild.hasBot) throw refusals.unknownGuild();
    return guild;
  }

  /** The servers that the bot is in. */
  guildsOfBot(): Guild[] {
    return [...this.guilds.values()].filter(({ hasBot }) => hasBot);
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

  /** What a person may do in a channel, as Discord's bit set. */
  permissionsOf({ id }: User, channel: Channel): bigint {
    const guild = this.guildOf(channel);
    if (!guild) return 0n;
    return permissionsOf(id, guild, (isThread(channel) && this.channels.get(channel.parent ?? '')) || channel);
  }

  /** Whether a person sees a channel. */
  maySee(user: User, channel: Channel): boolean {
    const guild = this.guildOf(channel);
    if (!guild) return channel.recipient === user.id;
    return guild.members.has(user.id) && isVisible(this.permissionsOf(user, channel), channel, user.id);
  }

  /** What the bot may do in a channel, as Discord's bit set. */
  permissions(channel: Channel): bigint {
    const guild = this.guildOf(channel);
    return guild?.hasBot === false ? 0n : bitsWithout(channel.denied, guild?.denied);
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

  /** A file with an address that lapses a day from now: Discord signs it anew in every answer. */
  signed<File extends APIAttachment>(file: File): File {
    const expiry = Math.floor((this.clock.now() + linkLife) / 1000).toString(16);
    const url = `${file.url.split('?')[0]}?ex=${expiry}`;
    return { ...file, url, proxy_url: url };
  }

  /** Keeps a file and gives what Discord says of it. */
  keepFile(channel: string, name: string, data: Buffer, type: string, description?: string): APIAttachment {
    const id = this.snowflake();
    this.files.set(id, { name, data, type });
    const url = `${this.origin}/attachments/${channel}/${id}/${encodeURIComponent(name)}`;
    return this.signed({
      id,
      filename: name,
      size: data.length,
      url,
      proxy_url: url,
      content_type: type,
      ...(description === undefined ? {} : { description }),
    });
  }

  /** Resolves as soon as `find` gives something; rejects after `patience` milliseconds of real time. */
  until<Found>(find: () => Found | undefined | null | false, what = 'it', patience = 25_000): Promise<Found> {
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

/** What the bot is invited with but what is denied somewhere, as Discord's bit set. */
const bitsWithout = (...denied: (ReadonlySet<Permission> | undefined)[]): bigint =>
  bitsOf(...usualPermissions.filter((name) => !denied.some((some) => some?.has(name))));

/** The shard of a server, of so many; DMs (null) come in the first (docs: events/gateway, Sharding). */
export const shardOf = (guild: string | null, count: number) => Number((BigInt(guild ?? 0) >> 22n) % BigInt(count));
