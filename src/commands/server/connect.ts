import {
  ApplicationCommandOptionType,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  InteractionContextType,
  MessageFlags,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
  type User,
} from 'discord.js';
import { writeFormId } from '../../discord/customId.ts';
import { KubeezError } from '../../kubeez/errors.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { form, written } from '../../requests/forms.ts';
import { mayManage } from '../../requests/managers.ts';
import { cut } from '../../text/cut.ts';
import { day, t } from '../../text/text.ts';

/** Lets a server pay with its own Kubeez account: by a sign-in in the browser, else by a token. */
export const connect: Command = {
  data: {
    ...commandBase,
    name: 'connect',
    description: t('command.connect'),
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
    options: [
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'off',
        description: t('option.connect.off'),
      },
    ],
  },

  async execute(interaction, parts) {
    const { guildId } = interaction;
    if (guildId === null || !mayManage(interaction)) return tell(interaction, t('connect.managersOnly'));
    if (interaction.options.getBoolean('off') === true) return turnOff(guildId, interaction, parts);
    if (!parts.canConnect) return tell(interaction, t('connect.cannotKeep'));
    if (parts.oauth) return signIn(guildId, interaction, parts);
    const before = await parts.accounts.connected(guildId);
    const field = {
      kind: 'text' as const,
      id: 'token',
      label: t('field.token'),
      description: before ? replacement(before) : t('hint.token'),
      most: 2000,
    };
    await interaction.showModal(form(writeFormId({ form: 'connect', draft: 'token' }), t('form.connect'), [field]));
  },

  async submit(interaction, _, parts) {
    const { guildId } = interaction;
    if (guildId === null || !mayManage(interaction)) return tell(interaction, t('connect.managersOnly'));
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(await connectToken(guildId, interaction, parts));
  },
};

/** An interaction's token lasts 15 minutes; one minute is left for sending the answer. */
const tokenLife = 14 * 60_000;

/** A person's display name and their unique username. */
const nameOf = ({ displayName, username }: User) => `${displayName} (@${username})`;

function replacement({ byName, at }: { byName: string; at: number }): string {
  const date = day(at);
  return byName
    ? t('hint.tokenReplaces', { shortName: cut(byName, 30), date })
    : t('hint.tokenReplacesUnknown', { date });
}

async function signIn(guild: string, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  try {
    const before = await parts.accounts.connected(guild);
    const { user, applicationId, token, createdTimestamp } = interaction;
    const address = await parts.oauth?.begin({
      guild,
      guildName: await parts.guildName(guild),
      user: user.id,
      userName: nameOf(user),
      reply: { application: applicationId, token, until: createdTimestamp + tokenLife },
    });
    if (address === undefined) return;
    await interaction.editReply({
      content: before
        ? t('connect.signInInstead', { person: `<@${before.by}>`, when: `<t:${Math.floor(before.at / 1000)}:R>` })
        : t('connect.signIn'),
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            { type: ComponentType.Button, style: ButtonStyle.Link, label: t('button.signIn'), url: address },
          ],
        },
      ],
    });
  } catch (err) {
    parts.log.warn({ err }, 'sign-in could not begin');
    await interaction.editReply(t('connect.signInUnavailable'));
  }
}

/** Stores a token after Kubeez has accepted it. */
async function connectToken(guild: string, interaction: ModalSubmitInteraction, parts: Parts): Promise<string> {
  const token = written(interaction, 'token');
  if (!/^\S{8,}$/.test(token)) return t('connect.noToken');
  const before = await parts.accounts.connected(guild);
  const by = { id: interaction.user.id, name: nameOf(interaction.user) };
  try {
    const kubeez = await parts.accounts.connect(guild, by, { token }, parts.clock.now());
    const { credits: left } = await kubeez.balance();
    await parts.catalogue.firstRead();
    parts.log.info({ guild }, 'account connected');
    parts.logChannel.tell(guild, { what: 'connected', by: by.id });
    return before
      ? t('connect.connectedInstead', { credits: left, person: `<@${before.by}>` })
      : t('connect.connected', { credits: left });
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    // What was there before is there again.
    if (before) await parts.accounts.connect(guild, { id: before.by, name: before.byName }, before.secret, before.at);
    else await parts.accounts.disconnect(guild);
    return error.code === 'unauthorized' ? t('connect.tokenRejected') : t('connect.tokenNotTried');
  }
}

async function turnOff(guild: string, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const wasConnected = await parts.accounts.disconnect(guild);
  parts.log.info({ guild }, 'account forgotten');
  if (wasConnected) parts.logChannel.tell(guild, { what: 'disconnected', by: interaction.user.id });
  await interaction.editReply(wasConnected ? t('connect.forgotten') : t('connect.neverConnected'));
}

async function tell(interaction: ChatInputCommandInteraction | ModalSubmitInteraction, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral });
}
