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
import { credits } from '../../flows/sentences.ts';
import { KubeezError } from '../../kubeez/errors.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { form, written } from '../../requests/forms.ts';

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
    const before = await parts.accounts.connected(guildId);
    const field = {
      kind: 'text' as const,
      id: 'token',
      label: 'Token',
      description: before
        ? `Takes the place of the account ${before.byName || 'somebody'} connected on ${day(before.at)}.`
        : 'A personal access token: kubeez.com → settings. It is kept sealed and never shown again.',
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

/** An interaction's token lasts 15 minutes; a minute is kept for the way. */
const tokenLife = 14 * 60_000;

/** A person's name as Discord shows it, and the one that nobody else has. */
const nameOf = ({ displayName, username }: User) => `${displayName} (@${username})`;

const day = (at: number) => new Date(at).toLocaleDateString('en', { dateStyle: 'medium', timeZone: 'UTC' });

const mayManage = ({ memberPermissions }: ChatInputCommandInteraction | ModalSubmitInteraction) =>
  memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false;

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
    const already = before
      ? `This server already pays with an account that <@${before.by}> connected <t:${Math.floor(before.at / 1000)}:R>. You can put another in its place:\n`
      : '';
    await interaction.editReply({
      content: `${already}Sign in with Kubeez within 15 minutes and confirm on the page that follows; then this server pays with that account. The link is for you alone.`,
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
    const by = { id: interaction.user.id, name: nameOf(interaction.user) };
    const kubeez = await parts.accounts.connect(guild, by, { token }, parts.clock.now());
    const { credits: left } = await kubeez.balance();
    await parts.catalogue.firstRead();
    parts.log.info({ guild }, 'account connected');
    const replaced = before ? ` It takes the place of the one that <@${before.by}> connected.` : '';
    return `Connected: this server now pays with its own account, which has ${credits(left)}.${replaced}`;
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    // What was there before is there again.
    if (before) await parts.accounts.connect(guild, { id: before.by, name: before.byName }, before.secret, before.at);
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
