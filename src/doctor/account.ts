import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';

/** Kubeez does not let the account in, or has troubles of its own. */
export interface AccountTrouble {
  is: 'refused' | 'away';
  error: KubeezError;
}

/** How the account that pays answers; each doctor has words of its own for it. */
type AccountState = { is: 'good' | 'empty'; credits: number } | AccountTrouble;

/** Asks the account for its credits. Throws only on a bug. */
export async function checkAccount(kubeez: Pick<Kubeez, 'balance'>): Promise<AccountState> {
  try {
    const { credits } = await kubeez.balance();
    return { is: credits > 0 ? 'good' : 'empty', credits };
  } catch (error) {
    return troubleOf(error);
  }
}

/** What an error says of the account; one that is not of Kubeez is thrown on. */
export function troubleOf(error: unknown): AccountTrouble {
  if (!(error instanceof KubeezError)) throw error;
  return { is: error.code === 'unauthorized' ? 'refused' : 'away', error };
}
