import {
  ApplicationCommandOptionType,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';
import { ownAccount } from '../../accountNames.ts';
import { writeFormId } from '../../discord/customId.ts';
import { hasBegun } from '../../flows/runs.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { form } from '../../requests/forms.ts';
import { mayManage } from '../../requests/managers.ts';
import { cut } from '../../text/cut.ts';
import { day, t } from '../../text/text.ts';
import { openFlows } from '../lists/jobs.ts';
import { connectToken, signIn, type Target } from './connecting.ts';

/**
 * Lets a server, or a person for themselves, pay with a Kubeez account of their own: by a sign-in in the browser, else by a
 * token.
 */
export const connect: Command = {
  name: 'connect',
  define: () => ({
    ...commandBase,
    description: t('command.connect'),
    contexts: [InteractionContextType.Guild],
    options: [
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'mine',
        description: t('option.connect.mine'),
      },
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'off',
        description: t('option.connect.off'),
      },
    ],
  }),

  async execute(interaction, parts) {
    const isOwn = interaction.options.getBoolean('mine') === true;
    // Whoever connected an account of their own can always take it away again.
    const isOff = interaction.options.getBoolean('off') === true;
    if (isOwn && isOff) return forgetOwn(interaction, parts);
    if (!isOff) return startConnecting(interaction, isOwn, parts);
    const target = await targetOf(interaction, isOwn, parts);
    if (typeof target === 'string') return tell(interaction, target);
    await turnOff(target.guild, interaction, parts);
  },

  async submit(interaction, draft, parts) {
    const target = await targetOf(interaction, draft === 'mine', parts);
    if (typeof target === 'string') return tell(interaction, target);
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(await connectToken(target, interaction, parts));
  },
};

/** Shows the way to connect an account, of the server or of one's own. */
export async function startConnecting(
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  isOwn: boolean,
  parts: Parts,
): Promise<void> {
  const target = await targetOf(interaction, isOwn, parts);
  if (typeof target === 'string') return tell(interaction, target);
  if (!parts.canConnect) return tell(interaction, t('connect.cannotKeep'));
  if (parts.oauth) return signIn(target, interaction, parts);
  const before = await parts.accounts.connected(target.account);
  const field = {
    kind: 'text' as const,
    id: 'token',
    label: t('field.token'),
    description: before ? replacement(before) : t('hint.token'),
    most: 2000,
  };
  const id = writeFormId({ form: 'connect', draft: isOwn ? 'mine' : 'token' });
  await interaction.showModal(form(id, t('form.connect'), [field]));
}

/** Whose account is to be connected, or the sentence that says why it may not be. Ids of forms can be forged. */
async function targetOf(
  interaction: ChatInputCommandInteraction | ButtonInteraction | ModalSubmitInteraction,
  isOwn: boolean,
  { guildSettings }: Parts,
): Promise<Target | string> {
  const { guildId: guild, user } = interaction;
  if (guild === null) return t('connect.managersOnly');
  if (!isOwn) return mayManage(interaction) ? { account: guild, isOwn, guild } : t('connect.managersOnly');
  const { rules } = await guildSettings.of(guild);
  return rules.ownAccounts ? { account: ownAccount(user.id), isOwn, guild } : t('ownAccount.notAllowed');
}

function replacement({ byName, at }: { byName: string; at: number }): string {
  const date = day(at);
  return byName
    ? t('hint.tokenReplaces', { shortName: cut(byName, 30), date })
    : t('hint.tokenReplacesUnknown', { date });
}

async function turnOff(guild: string, interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const was = await parts.accounts.disconnect(guild);
  parts.log.info({ guild }, 'account forgotten');
  if (was) parts.logChannel.tell(guild, { what: 'disconnected', by: interaction.user.id });
  await interaction.editReply(was ? t('connect.forgotten', { was }) : t('connect.neverConnected'));
}

async function forgetOwn(interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const account = ownAccount(interaction.user.id);
  const was = await parts.accounts.disconnect(account);
  if (!was) return void (await interaction.editReply(t('ownAccount.neverConnected')));
  parts.log.info({ account }, 'account forgotten');
  const paid = (await openFlows(interaction, parts)).filter((flow) => flow.account === account && hasBegun(flow));
  await interaction.editReply(
    paid.length > 0 ? t('ownAccount.forgottenOpen', { was, count: paid.length }) : t('ownAccount.forgotten', { was }),
  );
}

async function tell(
  interaction: ChatInputCommandInteraction | ButtonInteraction | ModalSubmitInteraction,
  content: string,
): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral });
}
