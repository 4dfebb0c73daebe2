import { defaultAccount, ownAccount, payerKind } from '../../src/accountNames.ts';
import type { Flow } from '../../src/flows/flow.ts';
import { isOwnAccount } from '../../src/flows/payer.ts';
import { jobsOf } from '../../src/flows/runs.ts';
import { entriesOf } from '../../src/guilds/entries.ts';
import { t } from '../../src/text/text.ts';
import type { KubeezAccounts } from './accounts.ts';
import type { Promises } from './promises.ts';
import type { SettingsLog } from './settingsLog.ts';

interface Watched {
  accounts: KubeezAccounts;
  promises: Promises;
  settings: SettingsLog;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** Watches over who pays: the account that was on the card at Confirm, and no other. */
export class Payers {
  readonly #watched: Watched;
  /** Credits of all starts of a flow that its server paid: one that is unclear goes on counting. */
  readonly #started = new Map<string, number>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks at a record as it was written. */
  onWritten(before: Flow | undefined, after: Flow): void {
    const { settings, broken } = this.#watched;
    const { heldAt } = after.money;
    const isStart = after.guild !== null && heldAt !== null && heldAt !== before?.money.heldAt;
    if (isStart && isOwnAccount(after) && settings.surely(heldAt, ({ rules }) => !rules.ownAccounts))
      broken(`${after.id} started with an own account, which its server does not allow`);
    if (isStart && !isOwnAccount(after))
      this.#started.set(after.id, (this.#started.get(after.id) ?? 0) + (after.money.confirmed?.credits ?? 0));
    const { reason } = after.shown;
    if (reason?.code === 'limitFull' && reason.room && before?.shown.reason?.code !== 'limitFull')
      this.#full(after, reason.room.used);
  }

  /** Own credits count against no limit: neither those of this flow, nor those of others that it was told of. */
  #full(flow: Flow, used: number): void {
    const { promises, broken } = this.#watched;
    if (isOwnAccount(flow)) broken(`${flow.id} was refused for a limit, though its requester pays`);
    const others = [...promises.flows.values()].filter((one) => one.guild === flow.guild && !isOwnAccount(one));
    const mostOf = (one: Flow) =>
      Math.max(spentBy(one), one.money.confirmed?.credits ?? 0, this.#started.get(one.id) ?? 0);
    const most = others.reduce((sum, one) => sum + mostOf(one), 0);
    if (used > most + 0.005)
      broken(`${flow.id} was told that ${used} credits of a limit are used, of which the server spent ${most}`);
  }

  /** A paid call is on its way: its account stood on the card that was confirmed. */
  onPaid(prompt: string, owner: string | null): void {
    const { promises, broken } = this.#watched;
    const starting = [...promises.flows.values()].filter(({ stage }) => stage === 'submitting');
    const meant = starting.filter(({ asked }) => asked.prompt !== '' && asked.prompt === prompt);
    const presses = meant.flatMap((flow) => promises.confirmingPresses(flow));
    const account = owner === null ? defaultAccount : ownAccount(owner);
    const named = t('setting.payer', { payer: payerKind(account), person: `<@${owner}>` });
    if (presses.length > 0 && !presses.some(({ seen }) => seen.includes(named)))
      broken(`“${prompt}” is paid with another account than its card named: not “${named}”`);
    if (owner !== null && meant.length > 0 && !meant.some(({ requester }) => requester === owner))
      broken(`“${prompt}” is paid with the account of somebody who did not ask for it`);
  }

  /** Each job was paid by the account that its record names. */
  atTheEnd(): void {
    const { promises, accounts, broken } = this.#watched;
    for (const flow of promises.flows.values()) {
      for (const { id } of jobsOf(flow)) {
        const paid = accounts.find(id);
        const account = paid?.owner ? ownAccount(paid.owner) : defaultAccount;
        if (paid && account !== flow.account)
          broken(`job ${id} of ${flow.id} was paid by ${account}, not ${flow.account}`);
      }
    }
  }
}

const spentBy = (flow: Flow) => entriesOf(flow).reduce((sum, { credits }) => sum + credits, 0);
