import { ApplicationCommandOptionType, MessageFlags } from 'discord.js';
import { type Command, commandBase } from '../../requests/command.ts';

export const preferences: Command = {
  data: {
    ...commandBase,
    name: 'preferences',
    description: 'What the bot does for you, wherever you use it',
    options: [
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'mentions',
        description: 'Whether I mention you when something that took over 30 seconds is ready',
      },
    ],
  },

  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const before = await parts.preferences.of(interaction.user.id);
    const mentions = interaction.options.getBoolean('mentions') ?? before.mentions;
    if (mentions !== before.mentions) await parts.preferences.set(interaction.user.id, { ...before, mentions });
    await interaction.editReply(
      mentions
        ? 'I mention you when something that took over 30 seconds is ready. `/preferences mentions:False` turns this off.'
        : 'I do not mention you when something is ready. `/preferences mentions:True` turns this on.',
    );
  },
};
