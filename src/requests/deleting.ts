import { type ButtonInteraction, ComponentType, MessageFlags, PermissionFlagsBits } from 'discord.js';
import { whisper } from '../discord/whisper.ts';
import { placeOf } from '../engine/entry.ts';
import { stepButtons } from '../flows/card.ts';
import type { Flow } from '../flows/flow.ts';
import { t } from '../text/text.ts';
import type { Parts } from './command.ts';
import { isOnMessage, viewerOf } from './visibility.ts';

/** The requester, and whoever may manage messages where the card stands. */
export async function mayDelete(
  flow: Flow,
  interaction: ButtonInteraction,
  { access, place }: Parts,
): Promise<boolean> {
  if (interaction.user.id === flow.requester) return true;
  if (interaction.channelId === flow.card.channel)
    return interaction.memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false;
  const viewer = viewerOf(interaction, place);
  const permissions = viewer ? await access.permissions(viewer, flow.card.channel) : 0n;
  return (permissions & PermissionFlagsBits.ManageMessages) !== 0n;
}

const notYours = (flow: Flow) => t('next.mayNotDelete', { person: `<@${flow.requester}>` });

/** Asks once before anything is deleted. */
export async function askToDelete(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  if (!(await mayDelete(flow, interaction, parts))) return whisper(interaction, notYours(flow));
  await interaction.reply({
    content: t('next.deleteQuestion', { id: flow.id, person: `<@${flow.requester}>` }),
    components: [{ type: ComponentType.ActionRow, components: stepButtons(flow, ['erase']) }],
    flags: MessageFlags.Ephemeral,
    allowedMentions: { parse: [] },
  });
  await noteCopy(flow, interaction, parts);
}

/** Deletes its messages; the flow itself is kept, for its requester alone. */
export async function erase(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  if (!(await mayDelete(flow, interaction, parts))) return whisper(interaction, notYours(flow));
  await interaction.deferUpdate();
  // First of all out of sight, then the messages, which may be many.
  const known = (await parts.runner.send(flow.id, { type: 'deleted' })) ?? flow;
  await parts.history.markDeleted(placeOf(flow.guild, flow.requester), flow.id);
  // As it is now: a copy may have come to be known since the press.
  const { channel, message } = known.card;
  const messages = [message, ...known.shown.replies].flatMap((id) => (id === null ? [] : [{ channel, message: id }]));
  const removed = await Promise.all(
    [...messages, ...known.shown.copies].map((one) => parts.messages.remove(one.channel, one.message)),
  );
  await interaction.editReply({
    content: removed.every(Boolean)
      ? t('next.deleted', { person: `<@${flow.requester}>`, id: flow.id })
      : t('next.partlyDeleted'),
    components: [],
  });
}

/** The message the press came from, if the flow does not know it (a copy by an earlier version): it is deleted too. */
export async function noteCopy(flow: Flow, interaction: ButtonInteraction, { runner }: Parts): Promise<void> {
  const { message, channelId } = interaction;
  const isKnown = [flow.card, ...flow.shown.copies].some((one) => one.message === message.id);
  if (isKnown || !isOnMessage(interaction)) return;
  await runner.send(flow.id, { type: 'copied', channel: channelId, message: message.id });
}
