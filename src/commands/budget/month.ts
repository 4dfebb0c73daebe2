import { type Entry, isOwn } from '../../guilds/entries.ts';
import { monthOf, monthsFrom } from '../../guilds/ledger.ts';
import { daysOf, type Period, periodOf } from '../../guilds/period.ts';
import type { Parts } from '../../requests/command.ts';

/** A month of a server's ledger, without what people paid for themselves. */
export interface LedgerMonth {
  /** Such as `2026-11`. */
  name: string;
  days: Period[];
  /** In the order in which their credits were held. */
  entries: Entry[];
}

/**
 * What the ledger has of a month, by the calendar of the server's time zone; undefined for what is no month. What is held
 * by open flows is not in it.
 *
 * @param typed such as `2026-11`; the current month when left out
 */
export async function readMonth(
  guild: string,
  typed: string | null,
  { clock, guildSettings, ledger }: Pick<Parts, 'clock' | 'guildSettings' | 'ledger'>,
): Promise<LedgerMonth | undefined> {
  const { timeZone } = await guildSettings.of(guild);
  const within = typed === null ? clock.now() : middleOf(typed);
  if (within === undefined) return undefined;
  const { start, end } = periodOf('month', within, timeZone);
  const read = await Promise.all(monthsFrom(start, end).map((month) => ledger.read(guild, month)));
  const entries = read.flat().filter((entry) => entry.at >= start && entry.at < end && !isOwn(entry));
  const name = typed ?? monthOf((start + end) / 2);
  entries.sort((a, b) => a.at - b.at || a.flow.localeCompare(b.flow) || a.run - b.run);
  return { name, days: daysOf({ start, end }, timeZone), entries };
}

/** A moment in the middle of a month, whichever the time zone; undefined for what is no month. */
function middleOf(typed: string): number | undefined {
  const [, year, month] = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(typed.trim()) ?? [];
  return year === undefined || month === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, 15);
}
