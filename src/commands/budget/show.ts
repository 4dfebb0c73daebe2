import { type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import { leftIn, type Room, whoseLimit } from '../../flows/room.ts';
import { cents } from '../../flows/runs.ts';
import { credits } from '../../flows/sentences.ts';
import { countedIn, type Entry } from '../../guilds/entries.ts';
import type { Limit } from '../../guilds/limits.ts';
import type { Parts } from '../../requests/command.ts';
import { mayManage } from '../../requests/managers.ts';
import { brief, linesWithin } from '../../text/cut.ts';
import { limits as room } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';
import { limitName } from './limitNames.ts';
import { readMonth } from './month.ts';

/** Lines of each list; what is left over is one more line. */
const maxLines = 10;

/** `/budget show`: what is left for whoever asks, where they ask. Managers see the limits, and who spent what, as well. */
export async function showBudget(interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { guildId } = interaction;
  if (guildId === null) return void (await interaction.editReply(t('budget.notInDms')));
  const lines = [
    ...(await ownLines(guildId, interaction, parts)),
    ...(mayManage(interaction) ? await managerLines(guildId, interaction, parts) : []),
  ];
  const description = linesWithin(lines, room.embedDescription);
  await interaction.editReply({ embeds: [{ title: t('budget.title'), description }] });
}

async function ownLines(
  guild: string,
  { user, channelId }: ChatInputCommandInteraction,
  { spendLimits, place }: Parts,
): Promise<string[]> {
  const spender = { person: user.id, roles: place.roles, channel: place.parent ?? channelId };
  const rooms = await spendLimits.rooms(guild, spender);
  return rooms.length > 0 ? rooms.map(ownLine) : [t('budget.noLimitForYou')];
}

function ownLine(limit: Room): string {
  const { per, credits: all, until } = limit;
  const when = timestamp(until, 'R');
  return t('budget.left', { whose: whoseLimit(limit), left: leftIn(limit), credits: all, per, when });
}

async function managerLines(guild: string, interaction: ChatInputCommandInteraction, parts: Parts): Promise<string[]> {
  const { guildSettings, spendLimits } = parts;
  const month = await readMonth(guild, interaction.options.getString('month'), parts);
  if (!month) return ['', t('budget.badMonth')];
  const { limits } = await guildSettings.of(guild);
  const used = new Map((await spendLimits.used(guild)).map(({ limit, used }) => [limit, used]));
  return [
    '',
    `**${t('budget.limits')}**`,
    ...(limits.length > 0 ? limits.map((limit) => limitLine(limit, used.get(limit.id))) : [t('budget.noLimits')]),
    '',
    ...spentLines(month.name, month.entries),
  ];
}

const limitLine = (limit: Limit, used: number | undefined) =>
  used === undefined ? limitName(limit) : t('budget.limitUsed', { limit: limitName(limit), used });

function spentLines(month: string, entries: Entry[]): string[] {
  const all = countedIn(entries);
  if (all === 0) return [t('budget.nothingSpent', { month })];
  const unclear = countedIn(entries.filter(({ state }) => state === 'unclear'));
  return [
    `**${t('budget.spent', { month, credits: all })}**`,
    ...(unclear > 0 ? [t('budget.unclear', { credits: unclear })] : []),
    ...sumsBy(entries, ({ person }) => `<@${person}>`),
    '',
    ...sumsBy(entries, ({ model }) => brief(model)),
  ];
}

/** Who or what took how many credits, the most first. */
function sumsBy(entries: Entry[], nameOf: (entry: Entry) => string): string[] {
  const sums = new Map<string, number>();
  for (const entry of entries) {
    const name = nameOf(entry);
    sums.set(name, cents((sums.get(name) ?? 0) + countedIn([entry])));
  }
  const sorted = [...sums].filter(([, sum]) => sum > 0).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(maxLines);
  return [
    ...sorted.slice(0, maxLines).map(([name, sum]) => `${name} · ${credits(sum)}`),
    ...(rest.length > 0
      ? [t('budget.more', { count: rest.length, credits: cents(rest.reduce((sum, [, one]) => sum + one, 0)) })]
      : []),
  ];
}
