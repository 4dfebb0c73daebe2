import {
  type AnySelectMenuInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  ComponentType,
  MessageFlags,
  PermissionsBitField,
} from 'discord.js';
import { writeControlId } from '../../discord/customId.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { withPayer } from '../../requests/handler.ts';
import { isOffered } from '../../requests/request.ts';
import { t } from '../../text/text.ts';
import { helpPage, type Topic, topicNames, topicsOf } from './topics.ts';
import { pressWelcome } from './welcome.ts';

type Asking = ChatInputCommandInteraction | ButtonInteraction | AnySelectMenuInteraction;

/**
 * Help, made from the list of commands: those that work here, for the person who asks, by what one wants to do.
 *
 * @param all gives every command; a function, because the list is complete only later
 */
export const help = (all: () => Command[]): Command => ({
  name: 'help',
  define: () => ({
    ...commandBase,
    description: t('command.help'),
  }),

  execute: (interaction, parts) => open(interaction, all(), parts),

  controls: {
    // What is on the card with which the bot introduces itself to a server.
    async press(interaction, [key = ''], parts) {
      const known = await withPayer(interaction, parts, parts);
      await (key === 'open' ? open(interaction, all(), known) : pressWelcome(key, interaction, known));
    },

    async select(interaction, _key, parts) {
      const [value] = interaction.values;
      const topic = topicNames.find((name) => name === value) ?? 'start';
      await interaction.update(render(topic, interaction, all(), await withPayer(interaction, parts, parts)));
    },
  },
});

const open = async (interaction: ChatInputCommandInteraction | ButtonInteraction, all: Command[], parts: Parts) =>
  void (await interaction.reply({ ...render('start', interaction, all, parts), flags: MessageFlags.Ephemeral }));

function render(topic: Topic, interaction: Asking, all: Command[], parts: Parts) {
  const usable = all.filter((command) => isFor(command, interaction, parts));
  const options = topicsOf(usable).map((name) => ({
    label: t(`help.title.${name}`),
    value: name,
    default: name === topic,
  }));
  const menu = {
    type: ComponentType.StringSelect as const,
    custom_id: writeControlId('help', 'topic'),
    placeholder: t('help.choose'),
    options,
  };
  return {
    embeds: [helpPage(topic, usable, parts)],
    components: [{ type: ComponentType.ActionRow as const, components: [menu] }],
  };
}

/** Whether Discord shows a command to somebody: its server can do it, it may be used here, and by them. */
function isFor({ needs, define }: Command, interaction: Asking, parts: Parts): boolean {
  if (needs !== undefined && !isOffered(needs, parts)) return false;
  const data = define();
  const contexts: readonly number[] | undefined = data.contexts ?? undefined;
  if (interaction.context !== null && contexts?.includes(interaction.context) === false) return false;
  const wanted = data.default_member_permissions;
  if (wanted === undefined || wanted === null || !interaction.inGuild()) return true;
  return interaction.memberPermissions.has(new PermissionsBitField(BigInt(wanted)));
}
