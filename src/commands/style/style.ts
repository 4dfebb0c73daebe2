import { ApplicationCommandOptionType, InteractionContextType, PermissionFlagsBits } from 'discord.js';
import type { StylePicture } from '../../flows/style.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { answerManager } from '../../requests/managers.ts';
import { BrokenRecord } from '../../state/store.ts';
import { t } from '../../text/text.ts';
import { styleCard } from './card.ts';
import { channelOf, press, select, submit } from './controls.ts';
import { addPicture, dropDeleted, removeLeftovers } from './pictures.ts';

/** The house style of the channel where it is used: one card, on which everything is set by a menu and forms. */
export const style: Command = {
  name: 'style',
  define: () => ({
    ...commandBase,
    description: t('command.style'),
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
    options: [
      { type: ApplicationCommandOptionType.Attachment, name: 'picture', description: t('option.style.picture') },
      { type: ApplicationCommandOptionType.Boolean, name: 'clear', description: t('option.style.clear') },
    ],
  }),

  execute: (interaction, parts) =>
    answerManager(interaction, async (guild) => {
      try {
        const channel = channelOf(interaction, parts);
        const picture = interaction.options.getAttachment('picture');
        const isCleared = interaction.options.getBoolean('clear') === true;
        if (isCleared && picture) return t('style.pictureOrClear');
        await removeLeftovers(guild, channel, interaction, parts);
        if (isCleared) return await clear(guild, channel, interaction.user.id, parts);
        await dropDeleted(guild, channel, parts);
        const refused = picture ? await addPicture(guild, channel, picture, interaction, parts) : undefined;
        if (refused !== undefined) return refused;
        return styleCard(guild, channel, await parts.guildSettings.of(guild), parts.catalogue.all());
      } catch (error) {
        if (error instanceof BrokenRecord) return t('settings.cannotChange');
        throw error;
      }
    }),

  controls: { press, select, submit },
};

async function clear(
  guild: string,
  channel: string,
  by: string,
  { guildSettings, messages, logChannel, log }: Parts,
): Promise<string> {
  const known = (await guildSettings.of(guild)).styles[channel];
  if (!known) return t('style.nothingToClear');
  let pictures: StylePicture[] = [];
  await guildSettings.changeStyle(guild, channel, (before) => {
    pictures = before?.pictures ?? [];
    return undefined;
  });
  for (const picture of pictures) await messages.remove(picture.channel, picture.message);
  log.info({ guild, channel, by }, 'style cleared');
  logChannel.tell(guild, { what: 'styleChanged', by });
  return t('style.cleared');
}
