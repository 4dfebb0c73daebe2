import { channelTypes } from './channelTypes.ts';
import type { Channel, Guild } from './world.ts';

/** Permissions the stand-in knows, with Discord's bits (docs: topics/permissions). */
export const permissionBits = {
  Administrator: 1n << 3n,
  ManageGuild: 1n << 5n,
  AddReactions: 1n << 6n,
  ViewChannel: 1n << 10n,
  SendMessages: 1n << 11n,
  ManageMessages: 1n << 13n,
  EmbedLinks: 1n << 14n,
  AttachFiles: 1n << 15n,
  ReadMessageHistory: 1n << 16n,
  ManageThreads: 1n << 34n,
  SendMessagesInThreads: 1n << 38n,
} as const;

export type Permission = keyof typeof permissionBits;

/** What everybody in a new server may do, and what the bot is invited with. */
export const usualPermissions: Permission[] = [
  'AddReactions',
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'SendMessagesInThreads',
];

export interface Role {
  id: string;
  name: string;
  permissions: bigint;
}

/** What a channel allows or denies to a role (type 0) or a person (type 1). */
export interface Overwrite {
  id: string;
  type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export const bitsOf = (...names: Permission[]): bigint => names.reduce((bits, name) => bits | permissionBits[name], 0n);

const everything = Object.values(permissionBits).reduce<bigint>((bits, bit) => bits | bit, 0n);

/**
 * What somebody may do in a channel: roles first, then the channel's overwrites for everybody, for the person's roles
 * together, and for the person (docs: topics/permissions, Permission Overwrites). Threads go by their parent.
 */
export function permissionsOf(person: string, guild: Guild, channel: Pick<Channel, 'overwrites'>): bigint {
  if (guild.owner === person) return everything;
  const roles = guild.memberRoles.get(person) ?? new Set<string>();
  const own = [...roles].map((id) => guild.roles.get(id)?.permissions ?? 0n);
  let bits = [guild.roles.get(guild.id)?.permissions ?? 0n, ...own].reduce((all, one) => all | one, 0n);
  if (guild.managers.has(person)) bits |= permissionBits.ManageMessages;
  if (guild.admins.has(person)) bits |= permissionBits.ManageGuild;
  if (bits & permissionBits.Administrator) return everything;
  const groups = [
    channel.overwrites.filter(({ id }) => id === guild.id),
    channel.overwrites.filter(({ id, type }) => type === 0 && id !== guild.id && roles.has(id)),
    channel.overwrites.filter(({ id, type }) => type === 1 && id === person),
  ];
  for (const group of groups) {
    for (const { deny } of group) bits &= ~deny;
    for (const { allow } of group) bits |= allow;
  }
  return bits;
}

/** Whether somebody with these permissions in its parent sees a channel; a private thread is for those who were added. */
export const isVisible = (bits: bigint, channel: Channel, person: string): boolean =>
  (bits & permissionBits.ViewChannel) !== 0n &&
  (channel.type !== channelTypes.privateThread ||
    channel.members.has(person) ||
    (bits & permissionBits.ManageThreads) !== 0n);
