import type { ChatInputCommandInteraction } from 'discord.js';
import { z } from 'zod';
import { missingToAsk } from '../../discord/permissions.ts';
import type { ApprovalRule } from '../../flows/approval.ts';
import { recipeNames } from '../../flows/recipes/index.ts';
import { ruleAbout } from '../../flows/sentences.ts';
import type { Parts } from '../../requests/command.ts';
import { answerManager } from '../../requests/managers.ts';
import { allOf, t } from '../../text/text.ts';

/** More than anybody needs. */
const maxRules = 50;

/** `/budget approval`: what somebody else has to approve, and who; or that nobody has to any more. */
export const setApproval = (interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> =>
  answerManager(interaction, (guild) => sentenceOf(guild, interaction, parts));

async function sentenceOf(
  guild: string,
  { options, user }: ChatInputCommandInteraction,
  { guildSettings, access, log, logChannel }: Parts,
): Promise<string> {
  const about = {
    kind: z.enum(recipeNames).nullable().parse(options.getString('kind')),
    role: options.getRole('role')?.id ?? null,
  };
  const isSame = (rule: ApprovalRule) => rule.kind === about.kind && rule.role === about.role;
  const tell = () => logChannel.tell(guild, { what: 'approvalsChanged', by: user.id });
  const { approvals } = await guildSettings.of(guild);
  const before = approvals.find(isSame);
  if (options.getBoolean('off')) {
    if (!before) return t('budget.noSuchApproval');
    await guildSettings.removeApproval(guild, about);
    log.info({ guild, by: user.id, ...about }, 'approval rule removed');
    tell();
    return t('budget.approvalOff', { rule: ruleAbout(before) });
  }
  const approvers = options.getRole('approvers')?.id;
  const channel = options.getChannel('channel')?.id;
  if (approvers === undefined || channel === undefined) return t('budget.approvalIncomplete');
  if (!before && approvals.length >= maxRules) return t('budget.tooManyApprovals', { max: maxRules });
  const missing = missingToAsk(await access.permissionsOfBot(guild, channel));
  const where = `<#${channel}>`;
  if (missing.length > 0) return t('budget.approvalChannel', { channel: where, permissions: allOf(missing) });
  const rule = { ...about, above: options.getInteger('above') ?? 0, approvers, channel };
  await guildSettings.setApproval(guild, rule);
  log.info({ guild, by: user.id, ...rule }, 'approval rule set');
  tell();
  return t('budget.approvalSet', { rule: ruleAbout(rule), role: `<@&${approvers}>`, channel: where });
}

/** A rule as a line of a list. */
export const approvalLine = (rule: ApprovalRule) =>
  t('budget.approval', { rule: ruleAbout(rule), role: `<@&${rule.approvers}>`, channel: `<#${rule.channel}>` });
