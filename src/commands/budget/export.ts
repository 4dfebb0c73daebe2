import type { ChatInputCommandInteraction } from 'discord.js';
import type { Entry } from '../../guilds/entries.ts';
import { shownName } from '../../guilds/forgotten.ts';
import type { Parts } from '../../requests/command.ts';
import { answerManager } from '../../requests/managers.ts';
import { t } from '../../text/text.ts';
import { readMonth } from './month.ts';

/** `/budget export`: a month of the ledger as a table that spreadsheets open. */
export const exportMonth = (interaction: ChatInputCommandInteraction, parts: Parts): Promise<void> =>
  answerManager(interaction, async (guild) => {
    const month = await readMonth(guild, interaction.options.getString('month'), parts);
    if (!month) return t('budget.badMonth');
    const { name, entries } = month;
    if (entries.length === 0) return t('budget.nothingSpent', { month: name });
    return {
      content: t('budget.exported', { month: name, count: entries.length }),
      files: [{ name: `ledger-${name}.csv`, attachment: Buffer.from(csvOf(entries)) }],
    };
  });

const columns = ['time', 'state', 'credits', 'person', 'channel', 'kind', 'model', 'account', 'flow', 'run', 'job'];

/** Entries as CSV (RFC 4180), the times in UTC. */
export function csvOf(entries: Entry[]): string {
  const rows = entries.map((entry) => {
    const { at, state, credits, channel, recipe, model, account, flow, run, job } = entry;
    return [
      new Date(at).toISOString(),
      state,
      String(credits),
      shownName(entry),
      channel,
      recipe,
      model,
      account,
      flow,
      String(run + 1),
      job ?? '',
    ];
  });
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** One cell. What a spreadsheet would take for a formula begins with an apostrophe, which it shows as text. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
