import {
  type BaseInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type InteractionEditReplyOptions,
  MessageFlags,
  PermissionFlagsBits,
} from 'discord.js';
import { t } from '../text/text.ts';

/** Whether somebody may manage the server, by what Discord says with each interaction. */
export const mayManage = ({ memberPermissions }: BaseInteraction): boolean =>
  memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false;

/**
 * Answers a manager privately with what `work` gives for their server; anybody else is told that only managers can do
 * this, and nothing is done.
 */
export async function answerManager(
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  work: (guild: string) => Promise<string | InteractionEditReplyOptions>,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { guildId } = interaction;
  const isManager = guildId !== null && mayManage(interaction);
  await interaction.editReply(isManager ? await work(guildId) : t('connect.managersOnly'));
}
