import { PermissionFlagsBits, PermissionsBitField } from 'discord.js';
import { t } from '../text/text.ts';

const needed = ['ViewChannel', 'EmbedLinks', 'AttachFiles'] as const;

/** What the invitation asks for. */
export const everywhere = [...needed, 'SendMessages', 'SendMessagesInThreads', 'ReadMessageHistory'] as const;
type PermissionName = (typeof everywhere)[number];

/** The names of the permissions the invitation asks for that the bot lacks in a server; its channels may differ. */
export const missingInServer = (permissions: bigint): string[] => {
  const has = new PermissionsBitField(permissions);
  return everywhere.filter((name) => !has.has(PermissionFlagsBits[name])).map(nameOf);
};

/**
 * The names of the permissions the bot lacks where it was called. Commands are answered by token and need none, but
 * the card is later edited by bot token, which does: so this is asked before anything is priced.
 */
export function missingPermissions(permissions: Readonly<PermissionsBitField>, inThread: boolean): string[] {
  const all: PermissionName[] = [...needed, inThread ? 'SendMessagesInThreads' : 'SendMessages'];
  return all.filter((name) => !permissions.has(PermissionFlagsBits[name])).map(nameOf);
}

/** The names of the permissions the bot lacks to ask something in a channel and to keep the message up to date. */
export const missingToAsk = (permissions: bigint): string[] => {
  const has = new PermissionsBitField(permissions);
  const all: PermissionName[] = ['ViewChannel', 'SendMessages', 'EmbedLinks'];
  return all.filter((name) => !has.has(PermissionFlagsBits[name])).map(nameOf);
};

/** The names of the permissions the bot lacks to post a file where it was called and to find it again. */
export function missingToKeepFile(permissions: Readonly<PermissionsBitField>, inThread: boolean): string[] {
  const all: PermissionName[] = [
    'ViewChannel',
    inThread ? 'SendMessagesInThreads' : 'SendMessages',
    'AttachFiles',
    'ReadMessageHistory',
  ];
  return all.filter((name) => !permissions.has(PermissionFlagsBits[name])).map(nameOf);
}

const nameOf = (name: PermissionName) => t(`permission.${name}`);
