import {
  ApplicationCommandOptionType,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  InteractionContextType,
  MessageFlags,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
} from 'discord.js';
import { writeFormId } from '../discord/customId.ts';
import { credits } from '../flows/sentences.ts';
import { KubeezError } from '../kubeez/errors.ts';
import { type Command, commandBase, type Parts } from './command.ts';
import { form, written } from './forms.ts';

/** Lets a server pay with its own Kubeez account: by a sign-in in the browser, else by a token. */
export const connect: Command = {
  data: {
    ...commandBase,
    name: 'connect',
    description: 'Connect this server’s own Kubeez account, or forget it',
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
    options: [
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'off',
        description: 'Forget the account and revoke its sign-in',
      },
    ],
  },

  async execute(interaction, parts) {
    const { guildId } = interaction;
    if (guildId === null || !mayManage(interaction))
      return tell(interaction, 'Only somebody who may manage this server can do that.');
    if (interaction.options.getBoolean('off') === true) return turnOff(guildId, interaction, parts);
    if (!parts.canConnect)
      return tell(
        interaction,
        'This bot cannot keep accounts: whoever runs it has to set STATE_KEY. Nothing was changed.',
      );
    if (parts.oauth) return signIn(guildId, interaction, parts);
    const field = {
      kind: 'text' as const,
      id: 'token',
      label: 'Token',
      description: 'A personal access token: kubeez.com → settings. It is kept sealed and never shown again.',
      most: 2000,
    };
    await interaction.showModal(form(writeFormId({ form: 'connect', draft: 'token' }), 'Connect Kubeez', [field]));
  },

  async submit(interaction, _, parts) {
    const { guildId } = interaction;
    if (guildId === null || !mayManage(interaction))
      return tell(interaction, 'Only somebody who may manage this server can do that.');
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(await connectToken(guildId, interaction, parts));
  },
};

const mayManage = ({ memberPermissions }: ChatInputCommandInteraction | ModalSubmitInteraction) =>
  memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false;

async function signIn(guild: string, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  try {
    const address = await parts.oauth?.begin(guild, interaction.user.id);
    if (address === undefined) return;
    await interaction.editReply({
      content:
        'Sign in with Kubeez within 15 minutes; then this server pays with that account. The link is for you alone.',
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            { type: ComponentType.Button, style: ButtonStyle.Link, label: 'Sign in with Kubeez', url: address },
          ],
        },
      ],
    });
  } catch (err) {
    parts.log.warn({ err }, 'sign-in could not begin');
    await interaction.editReply(
      'Kubeez could not be asked for a sign-in just now. Try again in a minute; nothing was changed.',
    );
  }
}

/** Keeps a token once Kubeez has let it in. */
async function connectToken(guild: string, interaction: ModalSubmitInteraction, parts: Parts): Promise<string> {
  const token = written(interaction, 'token');
  if (!/^\S{8,}$/.test(token)) return 'That does not look like a token. Nothing was changed.';
  const before = await parts.accounts.connected(guild);
  try {
    const kubeez = await parts.accounts.connect(guild, interaction.user.id, { token }, parts.clock.now());
    const { credits: left } = await kubeez.balance();
    await parts.catalogue.firstRead();
    parts.log.info({ guild }, 'account connected');
    return `Connected: this server now pays with its own account, which has ${credits(left)}.`;
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    // What was there before is there again.
    if (before) await parts.accounts.connect(guild, before.by, before.secret, before.at);
    else await parts.accounts.disconnect(guild);
    return error.code === 'unauthorized'
      ? 'Kubeez does not accept that token. Nothing was changed.'
      : 'Kubeez could not be reached to try that token. Try again in a minute; nothing was changed.';
  }
}

async function turnOff(guild: string, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const wasConnected = await parts.accounts.disconnect(guild);
  parts.log.info({ guild }, 'account forgotten');
  await interaction.editReply(
    wasConnected
      ? 'This server’s account is forgotten, and its sign-in revoked.'
      : 'This server had connected no account.',
  );
}

async function tell(interaction: ChatInputCommandInteraction | ModalSubmitInteraction, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral });
}
