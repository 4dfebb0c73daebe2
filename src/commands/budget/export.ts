import type { ChatInputCommandInteraction } from 'discord.js';
import type { Entry } from '../../guilds/entries.ts';
import { forgotten, shownName } from '../../guilds/forgotten.ts';
import type { Parts } from '../../requests/command.ts';
import { answerManager } from '../../requests/managers.ts';
import { sanitise } from '../../text/cut.ts';
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
      files: [
        { name: `ledger-${name}.csv`, attachment: Buffer.from(csvOf(entries, await namesIn(guild, entries, parts))) },
      ],
    };
  });

/** People and channels that are asked Discord for, each: what is over stays without a name. */
const maxNamed = 200;

/** What people and channels of entries are called, by their ids, as far as Discord tells. */
async function namesIn(guild: string, entries: Entry[], parts: Parts): Promise<ReadonlyMap<string, string>> {
  const people = [...new Set(entries.map(shownName))].filter((id) => id !== forgotten).slice(0, maxNamed);
  const channels = [...new Set(entries.map(({ channel }) => channel))].slice(0, maxNamed);
  const named = await Promise.all([
    ...people.map(async (id) => [id, await parts.personName(guild, id)] as const),
    ...channels.map(async (id) => [id, await parts.channelName(id)] as const),
  ]);
  return new Map(named.flatMap(([id, name]) => (name === undefined ? [] : [[id, sanitise(name)] as const])));
}

const columns = [
  'time',
  'state',
  'credits',
  'person',
  'person name',
  'channel',
  'channel name',
  'kind',
  'model',
  'account',
  'flow',
  'run',
  'job',
];

/**
 * Entries as CSV (RFC 4180), the times in UTC.
 *
 * @param names what people and channels are called, by their ids, where that is known
 */
export function csvOf(entries: Entry[], names: ReadonlyMap<string, string> = new Map()): string {
  const rows = entries.map((entry) => {
    const { at, state, credits, channel, recipe, model, account, flow, run, job } = entry;
    return [
      new Date(at).toISOString(),
      state,
      String(credits),
      shownName(entry),
      names.get(shownName(entry)) ?? '',
      channel,
      names.get(channel) ?? '',
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
  const harmless = /^\s*[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
