import { ReadQueue, readBudget } from '../kubeez/budget.ts';
import { Connection } from '../kubeez/connection.ts';
import { KubeezError } from '../kubeez/errors.ts';
import { Kubeez } from '../kubeez/kubeez.ts';
import { createLogger } from '../log.ts';

/** Kubeez refuses the account, or is in trouble itself. */
export interface AccountTrouble {
  is: 'refused' | 'away';
  error: KubeezError;
}

/** How the account that pays answers; `/doctor` and `npm run doctor` word it each in their own way. */
type AccountState = { is: 'good' | 'empty'; credits: number } | AccountTrouble;

/** An account to look at where no bot runs. To be closed. */
export function openAccount(url: string, token: string): Kubeez {
  const log = createLogger('silent');
  const connection = new Connection({ url, signIn: { token }, isListening: false, now: Date.now, log });
  return new Kubeez(connection, new ReadQueue(readBudget), url, log);
}

/** Asks the account for its credits. Throws only on a bug. */
export async function checkAccount(kubeez: Pick<Kubeez, 'balance'>): Promise<AccountState> {
  try {
    const { credits } = await kubeez.balance();
    return { is: credits > 0 ? 'good' : 'empty', credits };
  } catch (error) {
    return troubleOf(error);
  }
}

/** What an error says about the account; errors that are not from Kubeez are thrown again. */
export function troubleOf(error: unknown): AccountTrouble {
  if (!(error instanceof KubeezError)) throw error;
  return { is: error.code === 'unauthorized' ? 'refused' : 'away', error };
}
