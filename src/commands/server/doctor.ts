import { InteractionContextType, MessageFlags, PermissionFlagsBits } from 'discord.js';
import { defaultAccount } from '../../accountNames.ts';
import { missingPermissions } from '../../discord/permissions.ts';
import { checkAccount } from '../../doctor/account.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';
import { allOf, t } from '../../text/text.ts';

type Interaction = Parameters<Command['execute']>[0];

/** For administrators: whether everything is right for the bot where they are. */
export const doctor: Command = {
  name: 'doctor',
  define: () => ({
    ...commandBase,
    description: t('command.doctor'),
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
  }),
  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const findings = [
      permissions(interaction, parts),
      await directMessage(interaction, parts),
      limit(interaction),
      await account(interaction.guildId, parts),
    ];
    await interaction.editReply([...findings, models(parts)].join('\n'));
  },
};

function permissions({ appPermissions }: Interaction, { place }: Parts): string {
  const missing = missingPermissions(appPermissions, place.isThread);
  return missing.length === 0 ? t('check.permissions') : t('check.noPermissions', { permissions: allOf(missing) });
}

async function directMessage({ user, id }: Interaction, { messages }: Parts): Promise<string> {
  const sent = await messages.direct(user.id, { content: t('check.dmTest') }, `doctor-${id.slice(-15)}`);
  return sent.ok ? t('check.dms') : t('check.noDms');
}

function limit({ attachmentSizeLimit }: Interaction): string {
  return t('check.fileLimit', { megabytes: Math.round((attachmentSizeLimit ?? 0) / 1024 / 1024) });
}

async function account(guild: string | null, { accounts, log, canConnect }: Parts): Promise<string> {
  const payer = await accounts.sharedPayer(guild);
  if (!payer) return canConnect ? t('check.noAccount') : t('check.noAccountPossible');
  const isBots = payer.account === defaultAccount;
  const state = await checkAccount(payer.kubeez);
  if ('error' in state) log.warn({ err: state.error }, 'no balance');
  switch (state.is) {
    case 'good':
      return t(isBots ? 'check.botPays' : 'check.serverPays', { credits: state.credits });
    case 'empty':
      return t(isBots ? 'check.botEmpty' : 'check.serverEmpty');
    case 'refused':
      return t(isBots ? 'check.botRejected' : 'check.serverRejected');
    case 'away':
      return t('check.noAnswer');
  }
}

const models = ({ catalogue }: Parts) =>
  catalogue.all().length > 0 ? t('check.models', { count: catalogue.all().length }) : t('check.noModels');
