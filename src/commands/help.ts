import { ApplicationCommandType, ApplicationIntegrationType, InteractionContextType, MessageFlags } from 'discord.js';
import type { Command } from './command.ts';

const text = `**Kubeez for Discord** makes pictures and clips, and never spends a credit you have not confirmed.

1. Start with **/image** or **/video** (from words), **/edit** or **/animate** (from a picture of yours).
2. A picture can be attached to the command. If you attach none, an upload link comes by DM: it is for you alone.
3. The card shows the price and what will be left. **Confirm** spends it, **Cancel** costs nothing.
4. The result appears on the same card, even if the bot was restarted in between.

Leave out \`model\` and the one most used here is taken. Type in \`model\` to search by name; price and usual time stand beside it.`;

export const help: Command = {
  data: {
    type: ApplicationCommandType.ChatInput,
    name: 'help',
    description: 'How to make pictures and clips, and what it costs',
    contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  },
  async execute(interaction) {
    await interaction.reply({ content: text, flags: MessageFlags.Ephemeral });
  },
};
