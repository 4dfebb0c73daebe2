import { ApplicationCommandOptionType, MessageFlags } from 'discord.js';
import { type Command, commandBase } from '../../requests/command.ts';
import { t } from '../../text/text.ts';

export const preferences: Command = {
  data: {
    ...commandBase,
    name: 'preferences',
    description: t('command.preferences'),
    options: [
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'mentions',
        description: t('option.preferences.mentions'),
      },
    ],
  },

  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const before = await parts.preferences.of(interaction.user.id);
    const mentions = interaction.options.getBoolean('mentions') ?? before.mentions;
    if (mentions !== before.mentions) await parts.preferences.set(interaction.user.id, { ...before, mentions });
    await interaction.editReply(t(mentions ? 'preferences.mentionsOn' : 'preferences.mentionsOff'));
  },
};
