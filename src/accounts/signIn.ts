import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Logger } from '../log.ts';
import { t } from '../text/text.ts';
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

/**
 * The browser comes back from Kubeez: the page names the server and who asked, and asks before anything is connected.
 * Whoever signed in may have been sent somebody else's link.
 */
export async function askBeforeConnecting(query: URLSearchParams, parts: SignInParts): Promise<Page> {
  const { oauth } = parts;
  const [state, code] = [query.get('state'), query.get('code')];
  if (!oauth) return page(404, t('signIn.nothingHere'), t('signIn.off'));
  if (query.has('error')) {
    const asked = state ? await oauth.decline(state) : undefined;
    if (asked) await tell(asked, t('signIn.noPermissionReply'), parts);
    return page(400, t('signIn.notConnected'), t('signIn.noPermission'));
  }
  if (!state || !code) return page(400, t('signIn.notConnected'), t('signIn.incomplete'));
  const arrival = await oauth.arrive(state, code);
  if (!arrival) return page(400, t('signIn.notConnected'), t('signIn.usedUp'));
  const { asked, proof } = arrival;
  return {
    ...page(
      200,
      t('signIn.question'),
      t('signIn.asked', { person: asked.userName, server: asked.guildName }),
      t('signIn.warning'),
    ),
    question: { state, ...proof },
  };
}

/**
 * A button of that page was pressed: connects the account, or does not, and says so on the page and in Discord.
 * `onConnected` is told of the server and of who signed in.
 */
export async function answerSignIn(
  { state, isYes, ...proof }: Answer,
  parts: SignInParts & { onConnected(guild: string, by: string): void },
): Promise<Page> {
  const { oauth, accounts, clock, log } = parts;
  if (!oauth) return page(404, t('signIn.nothingHere'), t('signIn.off'));
  const confirmed = await oauth.confirm(state, proof);
  if (!confirmed) return page(400, t('signIn.notConnected'), t('signIn.usedUp'));
  const { asked } = confirmed;
  const { guild, guildName, user, userName } = asked;
  if (!isYes) {
    await tell(asked, t('signIn.declinedReply'), parts);
    return page(200, t('signIn.notConnected'), t('signIn.declined'));
  }
  let kubeez: Kubeez;
  try {
    const { tokens, client } = await confirmed.grant();
    kubeez = await accounts.connect(guild, { id: user, name: userName }, { oauth: tokens, client }, clock.now());
  } catch (err) {
    log.warn({ err }, 'sign-in failed');
    await tell(asked, t('signIn.failedReply'), parts);
    return page(502, t('signIn.notConnected'), t('signIn.failed'));
  }
  log.info({ guild, user }, 'account connected');
  parts.onConnected(guild, user);
  const credits = await creditsOf(kubeez, parts);
  const reply = credits === undefined ? t('signIn.paysReplyUnread') : t('signIn.paysReply', { credits });
  await tell(asked, reply, parts);
  const server = guildName;
  const said = credits === undefined ? t('signIn.paysUnread', { server }) : t('signIn.pays', { server, credits });
  return page(200, t('signIn.connected'), said);
}

/** Credits left on an account; undefined when they could not be read. */
async function creditsOf(kubeez: Kubeez, { catalogue, log }: SignInParts): Promise<number | undefined> {
  try {
    const { credits } = await kubeez.balance();
    await catalogue.firstRead();
    return credits;
  } catch (err) {
    if (!(err instanceof KubeezError)) throw err;
    log.warn({ err }, 'the balance of a new account could not be read');
    return undefined;
  }
}

/** Replaces the private answer that has the link with the result; sends a DM where that answer can no longer be edited. */
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
  const content = t('signIn.refused', { server: guild.name });
  const sent = await messages.direct(user, { content }, `refused-${guild.id.slice(-12)}`);
  if (!sent.ok) throw sent.error;
}
