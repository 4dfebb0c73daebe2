import type { AutocompleteInteraction, ChatInputCommandInteraction } from 'discord.js';
import { z } from 'zod';
import { limitPeriods } from '../../flows/room.ts';
import type { Limit } from '../../guilds/limits.ts';
import type { CommandParts, Parts } from '../../requests/command.ts';
import { limitLabel, limitName } from '../../requests/limitNames.ts';
import { answerManager, mayManage } from '../../requests/managers.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import { cut } from '../../text/cut.ts';
import { limits as room } from '../../text/limits.ts';
import { t } from '../../text/text.ts';

/** More than anybody needs, and few enough to ask all of them for each start. */
const maxLimits = 200;

/** `/budget set`: for the server, or the channel, role or person that was named. */
export const setLimit = (interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> =>
  answerManager(interaction, (guild) => sentenceOfSet(guild, interaction, parts));

async function sentenceOfSet(
  guild: string,
  interaction: ChatInputCommandInteraction,
  { guildSettings, logChannel, log }: Parts,
): Promise<string> {
  const { options, user } = interaction;
  const targets = targetsOf(interaction);
  if (targets.length > 1) return t('budget.oneTarget');
  const { scope, target, label } = targets[0] ?? { scope: 'server', target: null, label: '' };
  const per = z.enum(limitPeriods).parse(options.getString('per', true));
  const id = [scope, ...(target === null ? [] : [target]), per].join('.');
  const limit: Limit = { id, credits: options.getInteger('credits', true), per, scope, target, label };
  const { limits } = await guildSettings.of(guild);
  const before = limits.find((one) => one.id === id);
  if (!before && limits.length >= maxLimits) return t('budget.tooMany', { max: maxLimits });
  await guildSettings.setLimit(guild, limit);
  log.info({ guild, by: user.id, limit: id, credits: limit.credits }, 'limit set');
  logChannel.tell(guild, { what: 'limitsChanged', by: user.id });
  return before
    ? t('budget.setInstead', { limit: limitName(limit), credits: before.credits })
    : t('budget.set', { limit: limitName(limit) });
}

function targetsOf({ options }: ChatInputCommandInteraction): Pick<Limit, 'scope' | 'target' | 'label'>[] {
  const [channel, role, person] = [options.getChannel('channel'), options.getRole('role'), options.getUser('person')];
  return [
    ...(channel ? [{ scope: 'channel' as const, target: channel.id, label: `#${channel.name ?? channel.id}` }] : []),
    ...(role ? [{ scope: 'role' as const, target: role.id, label: `@${role.name}` }] : []),
    ...(person ? [{ scope: 'person' as const, target: person.id, label: person.displayName }] : []),
  ];
}

/** `/budget remove`. */
export const removeLimit = (interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> =>
  answerManager(interaction, (guild) => sentenceOfRemoval(guild, interaction, parts));

async function sentenceOfRemoval(
  guild: string,
  { options, user }: ChatInputCommandInteraction,
  { guildSettings, logChannel, log }: Parts,
): Promise<string> {
  const id = options.getString('limit', true);
  const limit = (await guildSettings.of(guild)).limits.find((one) => one.id === id);
  if (!limit) return t('budget.noSuchLimit');
  await guildSettings.removeLimit(guild, id);
  log.info({ guild, by: user.id, limit: id }, 'limit removed');
  logChannel.tell(guild, { what: 'limitsChanged', by: user.id });
  return t('budget.removed', { limit: limitName(limit) });
}

/** Suggests the server's limits, to those who may remove them. */
export async function completeLimit(interaction: AutocompleteInteraction, parts: CommandParts): Promise<void> {
  const { guildId, options } = interaction;
  if (guildId === null || !mayManage(interaction)) return interaction.respond([]);
  const { limits } = await parts.guildSettings.of(guildId);
  const choices = limits.map((limit) => ({ name: cut(limitLabel(limit), room.choiceName), value: limit.id }));
  await interaction.respond(choicesThatFit(choices, options.getFocused()));
}
