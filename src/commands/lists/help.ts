import { type ChatInputCommandInteraction, MessageFlags, PermissionsBitField } from 'discord.js';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { linesWithin } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';

const introduction = [
  'I make pictures, clips, music and more, and never spend a credit that you have not confirmed.',
  '1. Attach a file to the command, or open a message’s menu → Apps. Without a file, an upload link for you alone comes by DM.',
  '2. The card shows the price. **Confirm** spends it, **Cancel** costs nothing.',
  '3. The result appears on the same card. Its buttons go on from there.',
  '',
];

/**
 * Help, made from the commands there are: those that work here, for whoever asks.
 *
 * @param all gives every command, once there are all of them
 */
export const help = (all: () => Command[]): Command => ({
  data: {
    ...commandBase,
    name: 'help',
    description: 'The commands there are, and how this works',
  },
  async execute(interaction, parts) {
    const lines = all()
      .filter((command) => isFor(command, interaction, parts))
      .map(({ data: { name, description } }) => `**/${name}** ${description}`);
    await interaction.reply({
      content: linesWithin([...introduction, ...lines], limits.content),
      flags: MessageFlags.Ephemeral,
    });
  },
});

/** Whether Discord shows a command to somebody: its server can do it, it may be used here, and by them. */
function isFor({ needs, data }: Command, interaction: ChatInputCommandInteraction, { payer }: Parts): boolean {
  if (needs !== undefined && payer?.kubeez.offers(needs) === false) return false;
  const contexts: readonly number[] | undefined = data.contexts ?? undefined;
  if (interaction.context !== null && contexts?.includes(interaction.context) === false) return false;
  const wanted = data.default_member_permissions;
  if (wanted === undefined || wanted === null || !interaction.inGuild()) return true;
  return interaction.memberPermissions.has(new PermissionsBitField(BigInt(wanted)));
}
