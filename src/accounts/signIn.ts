import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { Asked, OAuth, Proof } from './oauth.ts';

interface SignInParts {
  oauth: OAuth | undefined;
  accounts: Accounts;
  catalogue: Catalogue;
  messages: Messages;
  clock: Clock;
  log: Logger;
}

/** A page for a browser. */
export interface Page {
  status: number;
  title: string;
  paragraphs: string[];
  /** Buttons for yes and no, and what they send along with the cookie. */
  question?: { state: string; form: string; cookie: string };
}

/** What the page of a sign-in sends when one of its buttons is pressed. */
export interface Answer extends Proof {
  state: string;
  isYes: boolean;
}

const usedUp = 'That link was used already, or is too old. Use /connect again.';

/**
 * The browser comes back from Kubeez: the page names the server and who asked, and asks before anything is connected.
 * Whoever signed in may have been sent somebody else's link.
 */
export async function askBeforeConnecting(query: URLSearchParams, parts: SignInParts): Promise<Page> {
  const { oauth } = parts;
  const [state, code] = [query.get('state'), query.get('code')];
  if (!oauth) return page(404, 'Nothing here', 'This bot takes no sign-ins.');
  if (query.has('error')) {
    const asked = state ? await oauth.decline(state) : undefined;
    if (asked) await tell(asked, 'Kubeez was not given permission, so no account was connected.', parts);
    return page(400, 'Not connected', 'Kubeez was not given permission. Nothing was changed.');
  }
  if (!state || !code) return page(400, 'Not connected', 'That address is incomplete. Use /connect again.');
  const arrival = await oauth.arrive(state, code);
  if (!arrival) return page(400, 'Not connected', usedUp);
  const { asked, proof } = arrival;
  return {
    ...page(
      200,
      'Connect this Kubeez account?',
      `${asked.userName} asked to connect it to the Discord server “${asked.guildName}”. From then on, what is made there with this bot is paid with this account’s credits.`,
      'If you did not ask for this yourself in Discord, do not connect: then somebody sent you a link of theirs.',
    ),
    question: { state, ...proof },
  };
}

/** A button of that page was pressed: connects the account, or does not, and says so on the page and in Discord. */
export async function answerSignIn({ state, isYes, ...proof }: Answer, parts: SignInParts): Promise<Page> {
  const { oauth, accounts, clock, log } = parts;
  if (!oauth) return page(404, 'Nothing here', 'This bot takes no sign-ins.');
  const confirmed = await oauth.confirm(state, proof);
  if (!confirmed) return page(400, 'Not connected', usedUp);
  const { asked } = confirmed;
  const { guild, guildName, user, userName } = asked;
  if (!isYes) {
    await tell(asked, 'The sign-in was declined, so no account was connected.', parts);
    return page(200, 'Not connected', 'Nothing was changed. You can close this page.');
  }
  let kubeez: Kubeez;
  try {
    const { tokens, client } = await confirmed.grant();
    kubeez = await accounts.connect(guild, { id: user, name: userName }, { oauth: tokens, client }, clock.now());
  } catch (err) {
    log.warn({ err }, 'sign-in failed');
    await tell(asked, 'Kubeez did not finish the sign-in, so no account was connected. Use /connect again.', parts);
    return page(502, 'Not connected', 'Kubeez did not finish the sign-in. Use /connect again.');
  }
  log.info({ guild, user }, 'account connected');
  const left = await creditsOf(kubeez, parts);
  await tell(asked, `Connected: this server now pays with that Kubeez account. ${left}`, parts);
  return page(200, 'Connected', `“${guildName}” now pays with this Kubeez account. ${left} You can close this page.`);
}

async function creditsOf(kubeez: Kubeez, { catalogue, log }: SignInParts): Promise<string> {
  try {
    const { credits } = await kubeez.balance();
    await catalogue.firstRead();
    return `It has ${credits.toLocaleString('en')} credits.`;
  } catch (err) {
    if (!(err instanceof KubeezError)) throw err;
    log.warn({ err }, 'the balance of a new account could not be read');
    return 'Its credits could not be read just now.';
  }
}

/** Puts the result in place of the private answer that has the link; by DM where Discord no longer takes that. */
async function tell({ reply, user }: Asked, content: string, { messages, clock, log }: SignInParts): Promise<void> {
  if (clock.now() < reply.until) {
    const edited = await messages.editAnswer(reply.application, reply.token, { content, components: [] });
    if (edited.ok) return;
  }
  const sent = await messages.direct(user, { content }, `connect-${clock.now()}`);
  if (!sent.ok) log.warn({ err: sent.error }, 'nobody could be told of a sign-in');
}

const page = (status: number, title: string, ...paragraphs: string[]): Page => ({ status, title, paragraphs });

/** Tells whoever connected an account that Kubeez no longer lets it in. */
export async function warnAdministrator(
  messages: Messages,
  user: string,
  guild: { id: string; name: string },
): Promise<void> {
  const content =
    `Kubeez no longer accepts the account you connected for the server “${guild.name}”: its sign-in has expired, or may no longer do this. ` +
    'Flows there wait. Use /connect in that server to sign in again.';
  const sent = await messages.direct(user, { content }, `refused-${guild.id.slice(-12)}`);
  if (!sent.ok) throw sent.error;
}
