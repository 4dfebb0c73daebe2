import { type AttachmentPayload, type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import { recipeNames } from '../../flows/recipes/index.ts';
import { leftIn, type Room, whoseLimit } from '../../flows/room.ts';
import { cents } from '../../flows/runs.ts';
import { credits } from '../../flows/sentences.ts';
import { countedIn } from '../../guilds/entries.ts';
import { forgotten } from '../../guilds/forgotten.ts';
import type { Limit } from '../../guilds/limits.ts';
import type { Parts } from '../../requests/command.ts';
import { limitName } from '../../requests/limitNames.ts';
import { mayManage } from '../../requests/managers.ts';
import { brief, cut, linesWithin } from '../../text/cut.ts';
import { limits as room } from '../../text/limits.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';
import { approvalLine } from './approval.ts';
import { chartSvg, kindSquare, personMark } from './chart.ts';
import { type LedgerMonth, readMonth } from './month.ts';
import { type MonthSums, monthSums, type Sum, sumsBy } from './monthSums.ts';
import { pngOf } from './picture.ts';

/** Limits and models that are listed; what is left over is one more line. */
const maxLines = 10;

/**
 * `/budget show`: what is left for whoever asks, where they ask. Managers see the limits, and who spent what in a month, as
 * well: in words and as a picture.
 */
export async function showBudget(interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { guildId } = interaction;
  if (guildId === null) return void (await interaction.editReply(t('budget.notInDms')));
  const own = await ownLines(guildId, interaction, parts);
  const { lines, files } = mayManage(interaction)
    ? await managersPart(guildId, interaction, parts)
    : { lines: [], files: [] };
  const description = linesWithin([...own, ...lines], room.embedDescription);
  await interaction.editReply({ embeds: [{ title: t('budget.title'), description }], files });
}

async function ownLines(
  guild: string,
  { user, channelId }: ChatInputCommandInteraction,
  { spendLimits, place }: Parts,
): Promise<string[]> {
  const spender = { person: user.id, roles: [...place.roles, guild], channel: place.parent ?? channelId };
  const rooms = await spendLimits.rooms(guild, spender);
  return rooms.length > 0 ? rooms.map(ownLine) : [t('budget.noLimitForYou')];
}

function ownLine(limit: Room): string {
  const { per, credits: all, until } = limit;
  const when = timestamp(until, 'R');
  return t('budget.left', { whose: whoseLimit(limit), left: leftIn(limit), credits: all, per, when });
}

interface ManagersPart {
  lines: string[];
  files: AttachmentPayload[];
}

async function managersPart(
  guild: string,
  interaction: ChatInputCommandInteraction,
  parts: Parts,
): Promise<ManagersPart> {
  const month = await readMonth(guild, interaction.options.getString('month'), parts);
  if (!month) return { lines: ['', t('budget.badMonth')], files: [] };
  const limits = [
    '',
    `**${t('budget.limits')}**`,
    ...(await limitLines(guild, parts)),
    '',
    ...(await approvalLines(guild, parts)),
  ];
  if (countedIn(month.entries) === 0)
    return { lines: [...limits, t('budget.nothingSpent', { month: month.name })], files: [] };
  const sums = monthSums(month.entries, month.days);
  return { lines: [...limits, ...spentLines(month, sums)], files: await chartOf(month, sums, parts) };
}

async function limitLines(guild: string, { guildSettings, spendLimits }: Parts): Promise<string[]> {
  const { limits } = await guildSettings.of(guild);
  if (limits.length === 0) return [t('budget.noLimits')];
  const used = new Map((await spendLimits.used(guild)).map(({ limit, used }) => [limit, used]));
  const more = limits.length - maxLines;
  return [
    ...limits.slice(0, maxLines).map((limit) => limitLine(limit, used.get(limit.id))),
    ...(more > 0 ? [t('budget.moreLimits', { count: more })] : []),
  ];
}

async function approvalLines(guild: string, { guildSettings }: Parts): Promise<string[]> {
  const { approvals } = await guildSettings.of(guild);
  if (approvals.length === 0) return [];
  const more = approvals.length - maxLines;
  return [
    `**${t('budget.approvals')}**`,
    ...approvals.slice(0, maxLines).map(approvalLine),
    ...(more > 0 ? [t('budget.moreApprovals', { count: more })] : []),
    '',
  ];
}

const limitLine = (limit: Limit, used: number | undefined) =>
  used === undefined ? limitName(limit) : t('budget.limitUsed', { limit: limitName(limit), used });

/** The sums in words. The marks of people and kinds are those that the picture has. */
function spentLines({ name, entries }: LedgerMonth, { people, kinds }: MonthSums): string[] {
  const unclear = countedIn(entries.filter(({ state }) => state === 'unclear'));
  return [
    `**${t('budget.spent', { month: name, credits: countedIn(entries) })}**`,
    ...(unclear > 0 ? [t('budget.unclear', { credits: unclear })] : []),
    ...people.map(
      (sum, index) =>
        `\`${personMark(sum, index)}\` ${sumLine(sum, sum.name === forgotten ? t('budget.forgotten') : `<@${sum.name}>`)}`,
    ),
    '',
    ...kinds.map((sum, index) => `${kindSquare(sum, index).emoji} ${sumLine(sum, kindName(sum))}`),
    '',
    ...sumsBy(entries, ({ model }) => model, maxLines).map((sum) => sumLine(sum, brief(sum.name ?? ''))),
  ];
}

const sumLine = (sum: Sum, name: string) =>
  sum.name === null
    ? t('budget.more', { count: sum.count, credits: sum.credits })
    : `${name} · ${credits(sum.credits)}`;

/** A kind as people call it; one that this version does not know, as the ledger has it. */
function kindName({ name }: Sum): string {
  const known = recipeNames.find((one) => one === name);
  return known ? t(`recipe.${known}.title`) : brief(name ?? '');
}

/** The picture. Where this machine cannot draw, the words have to do. */
async function chartOf({ name }: LedgerMonth, sums: MonthSums, { log }: Parts): Promise<AttachmentPayload[]> {
  try {
    const attachment = await pngOf(chartSvg(sums));
    return [{ name: `spent-${name}.png`, attachment, description: chartInWords(name, sums) }];
  } catch (err) {
    log.error({ err }, 'the chart could not be drawn');
    return [];
  }
}

/** What the picture shows, for those who hear it. */
function chartInWords(month: string, { days, people, kinds }: MonthSums): string {
  const perDay = days.map((parts, day) => [day + 1, cents(parts.reduce((sum, one) => sum + one, 0))] as const);
  const listOf = (pairs: (readonly [string | number, number])[]) =>
    pairs.map(([name, amount]) => t('budget.chartFigure', { name: String(name), credits: amount })).join(', ');
  const sentence = t('budget.chart', {
    month,
    days: listOf(perDay.filter(([, amount]) => amount > 0)),
    people: listOf(people.map((sum, index) => [personMark(sum, index), sum.credits])),
    kinds: listOf(kinds.map((sum) => [sum.name === null ? '+' : kindName(sum), sum.credits])),
  });
  return cut(sentence, room.altText);
}
