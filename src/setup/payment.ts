import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import { checkAccount, openAccount } from '../doctor/account.ts';
import { unreachable } from '../doctor/reach.ts';
import { t } from '../text/text.ts';
import type { Values } from './envText.ts';
import { Cancelled, type Talk } from './talk.ts';
import { tokenProblem } from './tokenProblem.ts';

/** Bytes of the key that seals accounts. */
const keyBytes = 32;

/** What is set already. */
interface Given {
  token: string | undefined;
  hasKey: boolean;
}

/** Step 3: who pays at Kubeez. Gives what has to be set for that; a key that is there stays, for accounts are sealed with it. */
export async function askWhoPays(talk: Talk, config: Config, given: Given): Promise<Values> {
  talk.explain(t('setup.payment'), t('setup.paymentHow'));
  const payer = await talk.choose(t('setup.whoPays'), [
    { value: 'owner', label: t('setup.ownerPays') },
    { value: 'both', label: t('setup.bothPay') },
    { value: 'servers', label: t('setup.serversPay') },
  ]);
  const key = { STATE_KEY: randomBytes(keyBytes).toString('base64') };
  const needsKey = payer !== 'owner' && !given.hasKey;
  // A token that stays would go on paying.
  if (payer === 'servers')
    return { ...(given.token === undefined ? {} : { KUBEEZ_TOKEN: '' }), ...(needsKey ? key : {}) };
  return { KUBEEZ_TOKEN: await askForAccount(talk, config, given.token), ...(needsKey ? key : {}) };
}

async function askForAccount(talk: Talk, { KUBEEZ_MCP_URL: url }: Config, given: string | undefined): Promise<string> {
  talk.explain(t('setup.account'), t('setup.accountHow'));
  if (given !== undefined && (await isAccepted(talk, url, given)) && (await talk.yes(t('setup.keepAccount'))))
    return given;
  for (;;) {
    const token = await talk.secret(t('setup.accountToken'), tokenProblem);
    if (await isAccepted(talk, url, token)) return token;
  }
}

/** Whether Kubeez lets the token in and shows its balance, or the person wants it although Kubeez does not answer. */
async function isAccepted(talk: Talk, url: string, token: string): Promise<boolean> {
  talk.say(t('setup.askingKubeez'));
  for (;;) {
    const kubeez = openAccount(url, token);
    const state = await checkAccount(kubeez).finally(() => kubeez.close());
    switch (state.is) {
      case 'good':
        talk.good(t('setup.balance', { credits: state.credits }));
        return true;
      case 'empty':
        talk.warn(t('setup.noCredits'));
        return true;
      case 'refused':
        talk.bad(t('setup.accountRefused'));
        return false;
    }
    const away = unreachable(state.error, url);
    talk.bad(away ? t('setup.away', { sentence: away }) : t('setup.oddAnswer', { address: new URL(url).origin }));
    const next = await talk.choose(t('setup.kubeezAway'), [
      { value: 'again', label: t('setup.askAgain') },
      { value: 'unchecked', label: t('setup.takeUnchecked') },
      { value: 'stop', label: t('setup.stop') },
    ]);
    if (next === 'unchecked') return true;
    if (next === 'stop') throw new Cancelled();
  }
}
