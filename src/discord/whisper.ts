import { type Interaction, MessageFlags } from 'discord.js';
import { cut } from '../text/cut.ts';
import { limits } from '../text/limits.ts';

/** Tells only the person who did something. */
export async function whisper(interaction: Interaction, content: string) {
  if (!interaction.isRepliable()) return;
  const message = {
    content: cut(content, limits.content),
    flags: [MessageFlags.Ephemeral, MessageFlags.SuppressEmbeds] as const,
  };
  if (interaction.replied || interaction.deferred) await interaction.followUp(message);
  else await interaction.reply(message);
}
