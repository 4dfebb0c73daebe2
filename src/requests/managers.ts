import { type BaseInteraction, PermissionFlagsBits } from 'discord.js';

/** Whether somebody may manage the server, by what Discord says with each interaction. */
export const mayManage = ({ memberPermissions }: BaseInteraction): boolean =>
  memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false;
