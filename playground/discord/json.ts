import { isThread } from './channelTypes.ts';
import type { Overwrite, Role } from './permissions.ts';
import type { Channel, Guild, Message, User, World } from './world.ts';

/** A user as Discord's answers show one. */
export const userJson = (user: User) => ({
  id: user.id,
  username: user.name.toLowerCase(),
  global_name: user.name,
  discriminator: '0',
  avatar: null,
  bot: user.bot,
  public_flags: 0,
});

export const channelJson = (channel: Channel, world: World) => ({
  id: channel.id,
  type: channel.type,
  ...(channel.guild ? { guild_id: channel.guild, name: channel.name, nsfw: channel.isRestricted } : {}),
  ...(channel.recipient ? { recipients: [userJson(world.user(channel.recipient))] } : {}),
  ...(isThread(channel)
    ? {
        parent_id: channel.parent,
        thread_metadata: {
          archived: channel.isArchived,
          locked: channel.isLocked,
          auto_archive_duration: 1440,
          archive_timestamp: new Date(0).toISOString(),
        },
      }
    : channel.guild
      ? { parent_id: channel.parent, permission_overwrites: channel.overwrites.map(overwriteJson) }
      : {}),
});

const overwriteJson = ({ id, type, allow, deny }: Overwrite) => ({
  id,
  type,
  allow: String(allow),
  deny: String(deny),
});

export const roleJson = ({ id, name, permissions }: Role, { id: guild }: Guild) => ({
  id,
  name,
  permissions: String(permissions),
  position: id === guild ? 0 : 1,
  color: 0,
  colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  hoist: false,
  managed: false,
  mentionable: false,
  flags: 0,
});

export const guildJson = (guild: Guild) => ({
  id: guild.id,
  name: guild.name,
  owner_id: guild.owner,
  system_channel_id: guild.systemChannel,
  roles: [...guild.roles.values()].map((role) => roleJson(role, guild)),
  features: [],
  premium_tier: 0,
  preferred_locale: guild.locale,
});

/** A server as it comes after READY, and when the bot is invited (docs: events/gateway-events, Guild Create). */
export function newGuildJson(guild: Guild, world: World) {
  const channels = [...world.channels.values()].filter((channel) => channel.guild === guild.id);
  const json = (some: Channel[]) => some.map((channel) => channelJson(channel, world));
  return {
    ...guildJson(guild),
    unavailable: false,
    large: false,
    joined_at: new Date(0).toISOString(),
    member_count: guild.members.size + 1,
    members: [],
    channels: json(channels.filter((channel) => !isThread(channel))),
    threads: json(channels.filter(isThread)),
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    emojis: [],
    stickers: [],
  };
}

/** Somebody as a member of a server. */
export const memberJson = (user: User, guild: Guild) => ({
  user: userJson(user),
  roles: [...(guild.memberRoles.get(user.id) ?? [])],
  joined_at: new Date(0).toISOString(),
  deaf: false,
  mute: false,
  flags: 0,
});

export const messageJson = (message: Message, world: World) => ({
  id: message.id,
  type: message.usedBy ? 20 : message.replyTo ? 19 : 0,
  ...(message.replyTo ? { message_reference: { message_id: message.replyTo, channel_id: message.channel } } : {}),
  ...(message.forwarded ? forwardJson(message.forwarded) : {}),
  channel_id: message.channel,
  author: userJson(world.user(message.author)),
  content: message.content,
  embeds: message.embeds,
  components: message.components,
  attachments: message.attachments.map((file) => world.signed(file)),
  flags: message.flags,
  mentions: message.mentions.map((id) => userJson(world.user(id))),
  mention_roles: [],
  mention_everyone: false,
  pinned: false,
  tts: false,
  timestamp: new Date(message.createdAt).toISOString(),
  edited_timestamp: message.editedAt === null ? null : new Date(message.editedAt).toISOString(),
  ...(message.nonce === null ? {} : { nonce: message.nonce }),
});

/** A forwarded message carries its files in a snapshot, and has none of its own (docs: resources/message, Message Snapshot). */
const forwardJson = ({ id, channel, content, embeds, attachments, flags, createdAt }: Message) => ({
  message_reference: { type: 1, message_id: id, channel_id: channel },
  message_snapshots: [
    {
      message: {
        type: 0,
        content,
        embeds,
        attachments,
        flags,
        mentions: [],
        mention_roles: [],
        components: [],
        timestamp: new Date(createdAt).toISOString(),
        edited_timestamp: null,
      },
    },
  ],
});
