import { ChannelType, DiscordAPIError, OverwriteType, PermissionFlagsBits, type REST, Routes } from 'discord.js';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';

/** A member of a server, as an interaction describes them. */
export interface Viewer {
  user: string;
  guild: string;
  /** Their roles beside that of everybody. */
  roles: string[];
}

const bits = z.string().transform(BigInt);
const guildSchema = z.object({
  owner_id: z.string(),
  roles: z.array(z.object({ id: z.string(), permissions: bits })),
});
const channelSchema = z.object({
  id: z.string(),
  type: z.number(),
  guild_id: z.string().nullish(),
  parent_id: z.string().nullish(),
  permission_overwrites: z
    .array(z.object({ id: z.string(), type: z.coerce.number(), allow: bits, deny: bits }))
    .default([]),
});

const memberSchema = z.object({ roles: z.array(z.string()) });

type Guild = z.infer<typeof guildSchema>;
type Channel = z.infer<typeof channelSchema>;

/** What a person's permissions in a channel are worked out from; null where Discord says that there is no such channel. */
interface Facts {
  guild: Guild | null;
  channel: Channel | null;
  /** Of a thread. */
  parent: Channel | null;
  /** Whether the person was added to a private thread. */
  isMember: boolean;
}

const threads: number[] = [ChannelType.AnnouncementThread, ChannelType.PublicThread, ChannelType.PrivateThread];
const everything = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

/**
 * What people may do in other channels than the one they are in, worked out as Discord documents it (topics/permissions):
 * the bot keeps none of it. Read by REST, kept for a minute.
 */
export class ChannelAccess {
  readonly #rest: REST;
  readonly #log: Logger;
  readonly #guilds: Remembered<Guild | null>;
  readonly #channels: Remembered<Channel | null>;
  readonly #memberships: Remembered<boolean>;

  constructor(rest: REST, clock: Clock, log: Logger) {
    this.#rest = rest;
    this.#log = log;
    this.#guilds = new Remembered(clock);
    this.#channels = new Remembered(clock);
    this.#memberships = new Remembered(clock);
  }

  /** Whether somebody sees a channel; not one that is gone, or that could not be asked about. Never throws. */
  async mayView(viewer: Viewer, channel: string): Promise<boolean> {
    return canView(await this.permissions(viewer, channel));
  }

  /** As `mayView`, from memory alone; undefined when it is not known. */
  isKnownToView(viewer: Viewer, channel: string): boolean | undefined {
    const facts = this.#recall(viewer, channel);
    return facts && canView(permissionsFrom(facts, viewer));
  }

  /** What somebody may do in a channel, as Discord's bit set; 0 where they do not see it. Never throws. */
  async permissions(viewer: Viewer, channel: string): Promise<bigint> {
    try {
      return permissionsFrom(await this.#learn(viewer, channel), viewer);
    } catch (err) {
      this.#log.warn({ err, channel }, 'access to a channel unknown');
      return 0n;
    }
  }

  /** What the bot itself may do in a channel of a server; as above, but read anew: somebody may just have changed it. */
  async permissionsOfBot(guild: string, channel: string): Promise<bigint> {
    try {
      const { id: user } = await this.#rest.get(Routes.user()).then((me) => z.object({ id: z.string() }).parse(me));
      const member = await this.#read(Routes.guildMember(guild, user), memberSchema);
      const [known, there] = await Promise.all([
        this.#read(Routes.guild(guild), guildSchema),
        this.#read(Routes.channel(channel), channelSchema),
      ]);
      const facts = { guild: known, channel: there, parent: null, isMember: false };
      return permissionsFrom(facts, { user, guild, roles: member?.roles ?? [] });
    } catch (err) {
      this.#log.warn({ err, channel }, 'access of the bot to a channel unknown');
      return 0n;
    }
  }

  async #learn(viewer: Viewer, id: string): Promise<Facts> {
    const [guild, channel] = await Promise.all([
      this.#guilds.get(viewer.guild, () => this.#read(Routes.guild(viewer.guild), guildSchema)),
      this.#channel(id),
    ]);
    const parent = isThread(channel) && channel.parent_id ? await this.#channel(channel.parent_id) : null;
    const isMember = isPrivate(channel) && (await this.#memberships.get(...this.#membership(id, viewer.user)));
    return { guild, channel, parent, isMember };
  }

  #recall(viewer: Viewer, id: string): Facts | undefined {
    const guild = this.#guilds.peek(viewer.guild);
    const channel = this.#channels.peek(id);
    if (guild === undefined || channel === undefined) return undefined;
    const parent = isThread(channel) && channel.parent_id ? this.#channels.peek(channel.parent_id) : null;
    const isMember = isPrivate(channel) ? this.#memberships.peek(memberKey(id, viewer.user)) : false;
    return parent === undefined || isMember === undefined ? undefined : { guild, channel, parent, isMember };
  }

  #channel(id: string): Promise<Channel | null> {
    return this.#channels.get(id, () => this.#read(Routes.channel(id), channelSchema));
  }

  #membership(thread: string, user: string): [key: string, ask: () => Promise<boolean>] {
    const route = Routes.threadMembers(thread, user);
    return [memberKey(thread, user), async () => (await this.#read(route, z.object({}))) !== null];
  }

  /** Null when Discord says that there is no such thing, or that the bot may not know. */
  async #read<Schema extends z.ZodType>(route: `/${string}`, schema: Schema): Promise<z.infer<Schema> | null> {
    try {
      return schema.parse(await this.#rest.get(route));
    } catch (error) {
      if (error instanceof DiscordAPIError && (error.status === 404 || error.status === 403)) return null;
      throw error;
    }
  }
}

const isThread = (channel: Channel | null): channel is Channel => channel !== null && threads.includes(channel.type);
const isPrivate = (channel: Channel | null) => channel?.type === ChannelType.PrivateThread;
const memberKey = (thread: string, user: string) => `${thread}:${user}`;

const has = (permissions: bigint, flag: bigint) => (permissions & flag) === flag;
const canView = (permissions: bigint) => has(permissions, PermissionFlagsBits.ViewChannel);

/** Threads go by their parent; a private one is for those who were added, and for those who manage threads. */
function permissionsFrom({ guild, channel, parent, isMember }: Facts, viewer: Viewer): bigint {
  const ruling = isThread(channel) ? parent : channel;
  if (!guild || !channel || !ruling || channel.guild_id !== viewer.guild) return 0n;
  const permissions = permissionsIn(viewer, guild, ruling);
  // Who does not see a channel can do nothing in it.
  if (!canView(permissions)) return 0n;
  return !isPrivate(channel) || isMember || has(permissions, PermissionFlagsBits.ManageThreads) ? permissions : 0n;
}

/**
 * In Discord's order: what the roles allow; then the channel's overwrites for everyone, for all roles together, for the
 * person.
 */
function permissionsIn({ user, guild: id, roles }: Viewer, guild: Guild, channel: Channel): bigint {
  if (guild.owner_id === user) return everything;
  const base = guild.roles
    .filter((role) => role.id === id || roles.includes(role.id))
    .reduce((all, role) => all | role.permissions, 0n);
  if (has(base, PermissionFlagsBits.Administrator)) return everything;
  const overwrites = channel.permission_overwrites;
  const ofRoles = overwrites.filter(({ type }) => type === OverwriteType.Role);
  return [
    ofRoles.filter((one) => one.id === id),
    ofRoles.filter((one) => one.id !== id && roles.includes(one.id)),
    overwrites.filter((one) => one.type === OverwriteType.Member && one.id === user),
  ].reduce((permissions, group) => {
    const denied = group.reduce((all, { deny }) => all | deny, 0n);
    const allowed = group.reduce((all, { allow }) => all | allow, 0n);
    return (permissions & ~denied) | allowed;
  }, base);
}

/** Milliseconds for which an answer is used again. */
const keptFor = 60_000;
/** The most answers kept; when there are more, all are dropped and read again. */
const maxKept = 5000;

/** Answers, each kept for a minute from the request; a failed one is not kept. */
class Remembered<Value> {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { at: number; asked: Promise<Value>; value?: Value }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  peek(key: string): Value | undefined {
    const entry = this.#kept.get(key);
    return entry && this.#isFresh(entry.at) ? entry.value : undefined;
  }

  get(key: string, ask: () => Promise<Value>): Promise<Value> {
    const known = this.#kept.get(key);
    if (known && this.#isFresh(known.at)) return known.asked;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    const entry: { at: number; asked: Promise<Value>; value?: Value } = { at: this.#clock.now(), asked: ask() };
    this.#kept.set(key, entry);
    entry.asked.then(
      (value) => {
        entry.value = value;
      },
      () => {
        if (this.#kept.get(key) === entry) this.#kept.delete(key);
      },
    );
    return entry.asked;
  }

  #isFresh(at: number): boolean {
    return Math.abs(this.#clock.now() - at) < keptFor;
  }
}
