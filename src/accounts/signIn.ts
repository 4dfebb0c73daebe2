import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import type { Page } from '../http.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { OAuth } from './oauth.ts';

interface SignInParts {
  oauth: OAuth | undefined;
  accounts: Accounts;
  catalogue: Catalogue;
  clock: Clock;
  log: Logger;
}

/** Ends a sign-in when the browser comes back: the page says what was connected, or why nothing was. */
export async function finishSignIn(query: URLSearchParams, parts: SignInParts): Promise<Page> {
  const { oauth, accounts, catalogue, clock, log } = parts;
  const [state, code] = [query.get('state'), query.get('code')];
  if (!oauth) return page(404, 'Nothing here', 'This bot takes no sign-ins.');
  if (query.has('error')) return page(400, 'Not connected', 'Kubeez was not given permission. Nothing was changed.');
  if (!state || !code) return page(400, 'Not connected', 'That address is incomplete. Use /connect again.');
  try {
    const granted = await oauth.finish(state, code);
    if (!granted) return page(400, 'Not connected', 'That link was used already, or is too old. Use /connect again.');
    const { guild, user, tokens } = granted;
    const kubeez = await accounts.connect(guild, user, { oauth: tokens }, clock.now());
    const { credits } = await kubeez.balance();
    await catalogue.firstRead();
    log.info({ guild, user }, 'account connected');
    const left = credits.toLocaleString('en');
    return page(
      200,
      'Connected',
      `Server ${guild} now pays with this Kubeez account: ${left} credits. You can close this page.`,
    );
  } catch (err) {
    log.warn({ err }, 'sign-in failed');
    return page(502, 'Not connected', 'Kubeez did not finish the sign-in. Use /connect again.');
  }
}

const page = (status: number, title: string, text: string): Page => ({ status, title, text });

/** Tells whoever connected an account that Kubeez no longer lets it in. */
export async function warnAdministrator(messages: Messages, user: string, guild: string): Promise<void> {
  const content =
    `Kubeez no longer accepts the account you connected for server ${guild}: its sign-in has expired, or may no longer do this. ` +
    'Flows there wait. Use /connect in that server to sign in again.';
  const sent = await messages.direct(user, { content }, `refused-${guild.slice(-12)}`);
  if (!sent.ok) throw sent.error;
}
