import { PermissionFlagsBits, type PermissionsBitField } from 'discord.js';

const needed = [
  ['View Channel', PermissionFlagsBits.ViewChannel],
  ['Embed Links', PermissionFlagsBits.EmbedLinks],
  ['Attach Files', PermissionFlagsBits.AttachFiles],
] as const;

/**
 * The names of the permissions the bot lacks where it was called. Commands are answered by token and need none, but
 * the card is later edited by bot token, which does: so this is asked before anything is priced.
 */
export function missingPermissions(permissions: Readonly<PermissionsBitField>, inThread: boolean): string[] {
  const send = inThread
    ? (['Send Messages in Threads', PermissionFlagsBits.SendMessagesInThreads] as const)
    : (['Send Messages', PermissionFlagsBits.SendMessages] as const);
  return [...needed, send].filter(([, flag]) => !permissions.has(flag)).map(([name]) => name);
}
