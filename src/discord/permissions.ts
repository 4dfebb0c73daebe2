import { PermissionFlagsBits, PermissionsBitField } from 'discord.js';

const needed = [
  ['View Channel', PermissionFlagsBits.ViewChannel],
  ['Embed Links', PermissionFlagsBits.EmbedLinks],
  ['Attach Files', PermissionFlagsBits.AttachFiles],
] as const;

const everywhere = [
  ...needed,
  ['Send Messages', PermissionFlagsBits.SendMessages],
  ['Send Messages in Threads', PermissionFlagsBits.SendMessagesInThreads],
  ['Read Message History', PermissionFlagsBits.ReadMessageHistory],
] as const;

/** The names of the permissions the invitation asks for that the bot lacks in a server; its channels may differ. */
export const missingInServer = (permissions: bigint): string[] => {
  const has = new PermissionsBitField(permissions);
  return everywhere.filter(([, flag]) => !has.has(flag)).map(([name]) => name);
};

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
