import {
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
  MessageFlags,
  type ModalSubmitInteraction,
  type User,
} from 'discord.js';
import { KubeezError } from '../../kubeez/errors.ts';
import type { Parts } from '../../requests/command.ts';
import { written } from '../../requests/forms.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';

/** The two ways to connect an account: a sign-in in the browser, and a token. */

/** What an account is connected for. */
export interface Target {
  /** The name under which it is kept. */
  account: string;
  /** A person's own, not the server's. */
  isOwn: boolean;
  /** Where it was asked for. */
  guild: string;
}

/** An interaction's token lasts 15 minutes; one minute is left for sending the answer. */
const tokenLife = 14 * 60_000;

/** A person's display name and their unique username. */
const nameOf = ({ displayName, username }: User) => `${displayName} (@${username})`;

/** Answers with the way to Kubeez's sign-in. */
export async function signIn(
  { account, isOwn, guild }: Target,
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  parts: Parts,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  try {
    const before = await parts.accounts.connected(account);
    const { user, applicationId, token, createdTimestamp } = interaction;
    const address = await parts.oauth?.begin({
      guild,
      guildName: await parts.guildName(guild),
      user: user.id,
      userName: nameOf(user),
      isOwn,
      language: parts.spokenTo.person,
      reply: { application: applicationId, token, until: createdTimestamp + tokenLife },
    });
    if (address === undefined) return;
    const button = {
      type: ComponentType.Button,
      style: ButtonStyle.Link,
      label: t('button.signIn'),
      url: address,
    } as const;
    await interaction.editReply({
      content: invitation(isOwn, before),
      components: [{ type: ComponentType.ActionRow, components: [button] }],
    });
  } catch (err) {
    parts.log.warn({ err }, 'sign-in could not begin');
    await interaction.editReply(t('connect.signInUnavailable'));
  }
}

function invitation(isOwn: boolean, before: { by: string; at: number } | undefined): string {
  if (!before) return isOwn ? t('ownAccount.signIn') : t('connect.signIn');
  const when = timestamp(before.at, 'R');
  return isOwn
    ? t('ownAccount.signInInstead', { when })
    : t('connect.signInInstead', { person: `<@${before.by}>`, when });
}

/** Stores a token after Kubeez has accepted it; gives the sentence that says what came of it. */
export async function connectToken(
  { account, isOwn, guild }: Target,
  interaction: ModalSubmitInteraction,
  parts: Parts,
): Promise<string> {
  const token = written(interaction, 'token');
  if (!/^\S{8,}$/.test(token)) return t('connect.noToken');
  const before = await parts.accounts.connected(account);
  const by = { id: interaction.user.id, name: nameOf(interaction.user) };
  try {
    const kubeez = await parts.accounts.connect(account, by, { token }, parts.clock.now());
    const { credits } = await kubeez.balance();
    await parts.catalogue.firstRead();
    parts.log.info({ account }, 'account connected');
    if (isOwn) return before ? t('ownAccount.connectedInstead', { credits }) : t('ownAccount.connected', { credits });
    parts.logChannel.tell(guild, { what: 'connected', by: by.id });
    return before
      ? t('connect.connectedInstead', { credits, person: `<@${before.by}>` })
      : t('connect.connected', { credits });
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    // What was there before is there again.
    if (before) await parts.accounts.connect(account, { id: before.by, name: before.byName }, before.secret, before.at);
    else await parts.accounts.disconnect(account);
    return error.code === 'unauthorized' ? t('connect.tokenRejected') : t('connect.tokenNotTried');
  }
}
