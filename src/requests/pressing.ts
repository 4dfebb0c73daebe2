import {
  type ButtonInteraction,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
  type StringSelectMenuInteraction,
} from 'discord.js';
import { jumpTo } from '../discord/jump.ts';
import type { Place } from '../discord/places.ts';
import type { Presser, Step } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { mayPressForOthers } from '../guilds/policy.ts';
import type { Settings } from '../guilds/settings.ts';
import { t } from '../text/text.ts';

/** Who does something to a flow, as Discord and the settings of the server have it. */
export const presserOf = (
  { user, guildId, memberPermissions }: ButtonInteraction | ModalSubmitInteraction | StringSelectMenuInteraction,
  { roles }: Pick<Place, 'roles'>,
  settings: Settings | undefined,
): Presser => ({
  id: user.id,
  roles,
  managesServer: memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false,
  forOthers:
    guildId !== null &&
    settings !== undefined &&
    mayPressForOthers({ guild: guildId, person: user.id, roles }, settings),
});

/** What to tell somebody who may not do this to a flow, or came too late. */
export function refusalSentence(
  refused: NonNullable<Step['refused']>,
  { requester, recipe, guild, card }: Flow,
): string {
  if (refused === 'notYours') return t('router.notYours', { person: `<@${requester}>`, command: recipe });
  if (refused === 'late') return t('router.late');
  if (refused === 'changed') return t('router.changedMeanwhile');
  const address = jumpTo(guild, card.channel, card.message);
  return refused !== 'moved' || address === undefined ? t('router.tooOld') : t('router.moved', { address });
}
