import type { ButtonInteraction, ModalSubmitInteraction, StringSelectMenuInteraction } from 'discord.js';
import { jumpTo } from '../discord/jump.ts';
import type { Place } from '../discord/places.ts';
import type { Presser, Step } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { mayPressForOthers } from '../guilds/policy.ts';
import type { Settings } from '../guilds/settings.ts';
import { t } from '../text/text.ts';
import { mayManage } from './managers.ts';

/** Who does something to a flow, as Discord and the settings of the server have it. */
export function presserOf(
  interaction: ButtonInteraction | ModalSubmitInteraction | StringSelectMenuInteraction,
  { roles }: Pick<Place, 'roles'>,
  settings: Settings | undefined,
): Presser {
  const { user, guildId: guild } = interaction;
  const wish = guild === null ? undefined : { guild, person: user.id, roles };
  return {
    id: user.id,
    roles,
    managesServer: mayManage(interaction),
    forOthers: wish !== undefined && settings !== undefined && mayPressForOthers(wish, settings),
  };
}

/** What to tell somebody who may not do this to a flow, or came too late. */
export function refusalSentence(
  refused: NonNullable<Step['refused']>,
  { requester, recipe, guild, card }: Flow,
): string {
  if (refused === 'notYours') return t('router.notYours', { person: `<@${requester}>`, command: recipe });
  if (refused === 'ownAccount') return t('router.ownAccount', { person: `<@${requester}>` });
  if (refused === 'late') return t('router.late');
  if (refused === 'changed') return t('router.changedMeanwhile');
  const address = jumpTo(guild, card.channel, card.message);
  return refused !== 'moved' || address === undefined ? t('router.tooOld') : t('router.moved', { address });
}
