import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import { type Command, type CommandParts, commandBase } from '../../requests/command.ts';
import { answerManager } from '../../requests/managers.ts';
import { BrokenRecord } from '../../state/store.ts';
import { t } from '../../text/text.ts';
import { mainCard, unreadableCard } from './card.ts';
import { press, select, shownOf, submit } from './controls.ts';

/** What a server's managers decide about its requests: one card, on which everything is set by menus and forms. */
export const settings: Command = {
  name: 'settings',
  define: () => ({
    ...commandBase,
    description: t('command.settings'),
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
  }),

  execute: (interaction, parts) => openSettings(interaction, parts),

  controls: { press, select, submit },
};

/** Shows the card to a manager. */
export const openSettings = (
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  parts: CommandParts,
): Promise<void> =>
  answerManager(interaction, async (guild) => {
    try {
      return mainCard(await shownOf(guild, interaction, parts));
    } catch (error) {
      if (error instanceof BrokenRecord) return unreadableCard();
      throw error;
    }
  });
