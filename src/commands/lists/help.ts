import { type ChatInputCommandInteraction, MessageFlags, PermissionsBitField } from 'discord.js';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { partsOf } from '../../requests/commandParts.ts';
import { isOffered } from '../../requests/request.ts';
import { linesWithin } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { t } from '../../text/text.ts';

const introduction = () => [t('help.what'), t('help.files'), t('help.price'), t('help.result'), ''];

/**
 * Help, made from the list of commands: those that work here, for the person who asks.
 *
 * @param all gives every command; a function, because the list is complete only later
 */
export const help = (all: () => Command[]): Command => ({
  data: {
    ...commandBase,
    name: 'help',
    description: t('command.help'),
  },
  async execute(interaction, parts) {
    const lines = all()
      .filter((command) => isFor(command, interaction, parts))
      .flatMap(({ data }) => partsOf(data))
      .map(({ name, description }) => t('help.command', { command: name, description }));
    // An embed, because it has room for twice as much as a message without one.
    const description = linesWithin([...introduction(), ...lines], limits.embedDescription);
    await interaction.reply({ embeds: [{ description }], flags: MessageFlags.Ephemeral });
  },
});

/** Whether Discord shows a command to somebody: its server can do it, it may be used here, and by them. */
function isFor({ needs, data }: Command, interaction: ChatInputCommandInteraction, parts: Parts): boolean {
  if (needs !== undefined && !isOffered(needs, parts)) return false;
  const contexts: readonly number[] | undefined = data.contexts ?? undefined;
  if (interaction.context !== null && contexts?.includes(interaction.context) === false) return false;
  const wanted = data.default_member_permissions;
  if (wanted === undefined || wanted === null || !interaction.inGuild()) return true;
  return interaction.memberPermissions.has(new PermissionsBitField(BigInt(wanted)));
}
