import { InteractionContextType, MessageFlags, PermissionFlagsBits } from 'discord.js';
import { defaultAccount } from '../../defaultAccount.ts';
import { missingPermissions } from '../../discord/permissions.ts';
import { checkAccount } from '../../doctor/account.ts';
import { credits } from '../../flows/sentences.ts';
import { type Command, commandBase, type Parts } from '../../requests/command.ts';

type Interaction = Parameters<Command['execute']>[0];

/** For administrators: whether everything is right for the bot where they are. */
export const doctor: Command = {
  data: {
    ...commandBase,
    name: 'doctor',
    description: 'Check that I can work in this channel',
    contexts: [InteractionContextType.Guild],
    default_member_permissions: String(PermissionFlagsBits.ManageGuild),
  },
  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const findings = [
      permissions(interaction, parts),
      await directMessage(interaction, parts),
      limit(interaction),
      await account(parts),
    ];
    await interaction.editReply([...findings, models(parts)].join('\n'));
  },
};

function permissions({ appPermissions }: Interaction, { place }: Parts): string {
  const missing = missingPermissions(appPermissions, place.isThread);
  return missing.length === 0
    ? '✅ I have every permission I need in this channel.'
    : `❌ I lack ${missing.join(', ')} in this channel: give me these in its settings, or use another channel.`;
}

async function directMessage({ user, id }: Interaction, { messages }: Parts): Promise<string> {
  const sent = await messages.direct(
    user.id,
    { content: 'This is how upload links reach you: /doctor tried it.' },
    `doctor-${id.slice(-15)}`,
  );
  return sent.ok
    ? '✅ I can send you upload links by DM.'
    : '⚠️ I cannot send you DMs, so upload links come privately in the channel. To change that, allow DMs from this server.';
}

function limit({ attachmentSizeLimit }: Interaction): string {
  const most = Math.round((attachmentSizeLimit ?? 0) / 1024 / 1024);
  return `✅ Files of up to ${most} MB can be attached here; larger ones come as smaller versions or links.`;
}

async function account({ payer, log, canConnect }: Parts): Promise<string> {
  if (!payer)
    return canConnect
      ? '❌ No Kubeez account pays here: connect one with /connect.'
      : '❌ No Kubeez account pays here: whoever runs the bot has to set KUBEEZ_TOKEN or STATE_KEY.';
  const whose = payer.account === defaultAccount ? 'the bot’s own account' : 'this server’s own account';
  const state = await checkAccount(payer.kubeez);
  if ('error' in state) log.warn({ err: state.error }, 'no balance');
  switch (state.is) {
    case 'good':
      return `✅ Here ${whose} pays: ${credits(state.credits)} are left.`;
    case 'empty':
      return `❌ Here ${whose} pays, but no credits are left: top up on kubeez.com.`;
    case 'refused':
      return `❌ Kubeez rejected the sign-in of ${whose}: ${payer.account === defaultAccount ? 'whoever runs the bot has to renew its token.' : 'use /connect again.'}`;
    case 'away':
      return '⚠️ Kubeez does not answer right now. Running jobs continue by themselves when it is back.';
  }
}

const models = ({ catalogue }: Parts) =>
  catalogue.all().length > 0
    ? `✅ ${catalogue.all().length} models are known.`
    : '❌ No models are known yet: Kubeez has not been reached since the bot started.';
