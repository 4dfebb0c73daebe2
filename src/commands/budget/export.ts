import { type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import type { Entry } from '../../guilds/entries.ts';
import type { Parts } from '../../requests/command.ts';
import { mayManage } from '../../requests/managers.ts';
import { t } from '../../text/text.ts';
import { readMonth } from './month.ts';

/** `/budget export`: a month of the ledger as a table that spreadsheets open. */
export async function exportMonth(interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { guildId, options } = interaction;
  if (guildId === null || !mayManage(interaction)) return void (await interaction.editReply(t('connect.managersOnly')));
  const month = await readMonth(guildId, options.getString('month'), parts);
  if (!month) return void (await interaction.editReply(t('budget.badMonth')));
  if (month.entries.length === 0)
    return void (await interaction.editReply(t('budget.nothingSpent', { month: month.name })));
  await interaction.editReply({
    content: t('budget.exported', { month: month.name, count: month.entries.length }),
    files: [{ name: `ledger-${month.name}.csv`, attachment: Buffer.from(csvOf(month.entries)) }],
  });
}

const columns = ['time', 'state', 'credits', 'person', 'channel', 'kind', 'model', 'account', 'flow', 'run', 'job'];

/** Entries as CSV (RFC 4180), the times in UTC. */
export function csvOf(entries: Entry[]): string {
  const rows = entries.map(({ at, state, credits, person, channel, recipe, model, account, flow, run, job }) => [
    new Date(at).toISOString(),
    state,
    String(credits),
    person,
    channel,
    recipe,
    model,
    account,
    flow,
    String(run + 1),
    job ?? '',
  ]);
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** One cell. What a spreadsheet would take for a formula begins with an apostrophe, which it shows as text. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
