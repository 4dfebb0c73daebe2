import type { Accounts } from '../accounts/accounts.ts';
import { type Clock, pause } from '../clock.ts';
import type { Gate } from '../guilds/gate.ts';
import type { Ledger } from '../guilds/ledger.ts';
import type { RaiseRequests } from '../guilds/raiseRequests.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import type { SpendLimits } from '../guilds/spendLimits.ts';
import type { Logger } from '../log.ts';
import type { EndedFlows } from '../state/endedFlows.ts';
import type { FlowsOfPeople } from '../state/flowsOfPeople.ts';
import type { History } from '../state/history.ts';
import type { Popularity } from '../state/popularity.ts';
import { betweenShelves } from '../state/shelves.ts';
import { BrokenRecord } from '../state/store.ts';
import type { FlowRecords } from './records.ts';
import type { Retention } from './retention.ts';
import type { Runner } from './runner.ts';

/** Flows removed at the same time. */
const removedAtOnce = 10;

export interface ForgetParts {
  accounts: Pick<Accounts, 'disconnect'>;
  /** Removes the record of a server's account, also where it can no longer be opened. */
  forgetAccount(guild: string): Promise<void>;
  records: FlowRecords;
  runner: Pick<Runner, 'erase'>;
  raiseRequests: RaiseRequests;
  flowsOfPeople: FlowsOfPeople;
  history: History;
  endedFlows: EndedFlows;
  ledger: Ledger;
  popularity: Popularity;
  guildSettings: GuildSettings;
  spendLimits: SpendLimits;
  gate: Gate;
  retention: Pick<Retention, 'forgetServer'>;
  clock: Clock;
  log: Logger;
}

/**
 * Removes all that is kept of a server which has removed the bot. What leads to other records goes after them, so that it
 * can begin again after a kill. Throws when the store cannot be written, or `goOn` throws.
 *
 * @param goOn asked before each piece of work
 */
export async function forgetServer(guild: string, parts: ForgetParts, goOn: () => void): Promise<void> {
  const { accounts, records, history, endedFlows, ledger, popularity, guildSettings, clock } = parts;
  goOn();
  await accounts.disconnect(guild);
  await parts.forgetAccount(guild);
  await forgetFlows(await records.openIn(guild), guild, parts, goOn);
  for (const shelves of [history.shelves, endedFlows.shelves]) {
    for (let index = await shelves.last(guild); index >= 0; index--) {
      const entries = await shelves.read(guild, index);
      await forgetFlows(
        entries.map(({ flow }) => flow),
        guild,
        parts,
        goOn,
      );
      if (index > 0) await pause(clock, betweenShelves);
    }
  }
  goOn();
  await ledger.forgetServer(guild, clock.now());
  await history.shelves.remove(guild);
  await endedFlows.shelves.remove(guild);
  await parts.retention.forgetServer(guild);
  await records.forgetServer(guild);
  await popularity.forget(guild);
  await guildSettings.forget(guild);
  parts.spendLimits.forgetServer(guild);
  parts.gate.forgetServer(guild);
}

/** Removes flows, with all others that the people who asked for them have in the same server. */
async function forgetFlows(ids: readonly string[], guild: string, parts: ForgetParts, goOn: () => void): Promise<void> {
  for (let from = 0; from < ids.length; from += removedAtOnce) {
    goOn();
    await Promise.all(ids.slice(from, from + removedAtOnce).map((id) => forgetFlow(id, guild, parts)));
  }
}

async function forgetFlow(id: string, guild: string, parts: ForgetParts): Promise<void> {
  const { flowsOfPeople, records, log } = parts;
  const flow = await records.loadOrBroken(id);
  if (flow instanceof BrokenRecord)
    return log.error({ err: flow, flow: id }, 'this flow cannot be read, and its record stays');
  if (flow) {
    // What ended under an earlier version may be on no other list.
    for (const other of await flowsOfPeople.list(flow.requester, guild)) if (other !== id) await remove(other, parts);
    // The server's own lists name it still, so that it is found after a kill.
    await flowsOfPeople.leave(flow.requester, guild);
  }
  await remove(id, parts);
}

async function remove(id: string, { raiseRequests, runner }: ForgetParts): Promise<void> {
  await raiseRequests.forget(id);
  if (!(await runner.erase(id))) throw new Error(`The flow ${id} is open`);
}
