import type { Accounts } from '../accounts/accounts.ts';
import type { Clock } from '../clock.ts';
import type { Event } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import { cents, creditsTaken, jobsOf } from '../flows/runs.ts';
import { times } from '../flows/times.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Logger } from '../log.ts';
import { tracing } from '../trace.ts';
import { AccountUse } from './accountUse.ts';
import { Alarms } from './alarms.ts';
import type { OnSaved } from './runner.ts';

type Checked = Extract<Event, { type: 'refundChecked' }>;

interface RefundParts {
  accounts: Pick<Accounts, 'of' | 'isStill'>;
  clock: Clock;
  /** The part of an account's limits that is this process's: less than 1 where other processes use the account as well. */
  shareOf(account: string): number;
  tell(flow: string, event: Event): void;
  log: Logger;
}

/** A flow that failed, and how often was looked what became of its credits. */
interface Watched {
  flow: Flow;
  looks: number;
}

/**
 * Looks what became of the credits of failed jobs, where Kubeez did not say so with the failure: by its history, and by
 * the balance before and after. Credits may come back a little later, so that it looks more than once. Reads only; a
 * restart forgets it.
 */
export class Refunds {
  readonly #parts: RefundParts;
  readonly #use: AccountUse;
  readonly #alarms: Alarms;
  readonly #watched = new Map<string, Watched>();

  constructor(parts: RefundParts) {
    this.#parts = parts;
    this.#use = new AccountUse(() => parts.clock.now());
    this.#alarms = new Alarms(parts.clock, (id) => void tracing(id, () => this.#look(id)));
  }

  readonly onSaved: OnSaved = (_, after) => this.#use.note(after);

  /** Begins to look for a flow that has just failed. */
  watch(flow: Flow): void {
    this.#watched.set(flow.id, { flow, looks: 0 });
    this.#wakeLater(flow.id, 0);
  }

  /** Looks no more. */
  stop(): void {
    this.#alarms.clearAll();
    this.#watched.clear();
  }

  #wakeLater(id: string, looks: number): void {
    const pause = times.refundLooks[looks];
    if (pause === undefined) this.#watched.delete(id);
    else this.#alarms.set(id, this.#parts.clock.now() + pause);
  }

  async #look(id: string): Promise<void> {
    const watched = this.#watched.get(id);
    if (!watched) return;
    const { flow } = watched;
    const looks = watched.looks + 1;
    const isLast = looks === times.refundLooks.length;
    const found = await this.#found(flow, isLast).catch((err) => {
      this.#parts.log.warn({ err, flow: id }, 'not found out whether credits came back');
      return undefined;
    });
    // Stopped meanwhile.
    if (!this.#watched.has(id)) return;
    if (!found) {
      this.#watched.set(id, { flow, looks });
      return this.#wakeLater(id, looks);
    }
    this.#watched.delete(id);
    this.#parts.tell(id, found);
  }

  /** What became of the credits; undefined while nothing is certain. That they stay away is believed at the last look only. */
  async #found(flow: Flow, isLast: boolean): Promise<Checked | undefined> {
    const kubeez = await this.#parts.accounts.of(flow.account);
    const charges = await chargesOf(flow, kubeez);
    if (charges.every((charged) => charged === 0)) return { type: 'refundChecked', isUncharged: true, refund: null };
    const refund = await this.#byBalance(flow, kubeez);
    if (refund === 'cameBack') return { type: 'refundChecked', isUncharged: false, refund };
    if (!isLast) return undefined;
    const isOnRecord = charges.every((charged) => charged !== null && charged > 0);
    const isKept = refund === 'stayedAway' || isOnRecord;
    return isKept ? { type: 'refundChecked', isUncharged: false, refund: 'stayedAway' } : undefined;
  }

  /** By the balance before the start and now; null where it cannot tell, because something else may have changed it, or it is another account by now. */
  async #byBalance(flow: Flow, kubeez: Kubeez): Promise<'cameBack' | 'stayedAway' | null> {
    const { quote, writtenOff } = flow.money;
    const price = creditsTaken(flow);
    // What an earlier start of the flow came to may come back as well.
    if (!quote || price === 0 || writtenOff > 0 || this.#parts.shareOf(flow.account) < 1) return null;
    if (!(await this.#parts.accounts.isStill(flow))) return null;
    const { credits } = await kubeez.balance();
    // Asked after the balance was read: somebody else may have started something just before.
    if (!this.#use.wasAlone(flow, quote.at)) return null;
    const change = cents(credits - quote.balance);
    if (change === 0) return 'cameBack';
    return change === -price ? 'stayedAway' : null;
  }
}

/** What the history says was taken for each job; null where it does not say. */
function chargesOf(flow: Flow, kubeez: Kubeez): Promise<(number | null)[]> {
  const hasRecord = recipes[flow.recipe].follow === 'media';
  return Promise.all(
    jobsOf(flow).map(async ({ id, charged }) => {
      if (charged !== null || !hasRecord) return charged;
      return kubeez.charged(id).catch((error) => {
        if (error instanceof KubeezError) return null;
        throw error;
      });
    }),
  );
}
