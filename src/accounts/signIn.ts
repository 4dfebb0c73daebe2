import { ownAccount } from '../accountNames.ts';
import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Logger } from '../log.ts';
import { speaking, t } from '../text/text.ts';
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
  const { oauth, log } = parts;
  const [state, code] = [query.get('state'), query.get('code')];
  if (!oauth) return page(404, t('signIn.nothingHere'), t('signIn.off'));
  // Before all else: of an answer that somebody else has sent, nothing is used, not even an error.
  const misled = state ? await oauth.refuseOther(state, query.get('iss')) : undefined;
  if (misled) {
    log.warn({ issuer: query.get('iss') }, 'an answer to a sign-in does not name the server that was asked');
    await tell(misled, () => t('signIn.otherServerReply'), parts);
    return page(400, t('signIn.notConnected'), t('signIn.otherServer'));
  }
  if (query.has('error')) {
    const asked = state ? await oauth.decline(state) : undefined;
    if (asked) await tell(asked, () => t('signIn.noPermissionReply'), parts);
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
      asked.isOwn
        ? t('signIn.askedOwn', { person: asked.userName })
        : t('signIn.asked', { person: asked.userName, server: asked.guildName }),
      t('signIn.warning'),
    ),
    question: { state, ...proof },
  };
}

/**
 * A button of that page was pressed: connects the account, or does not, and says so on the page and in Discord.
 * `onConnected` is told of a server that pays by it now, and of who signed in.
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
  const { guild, user, userName, isOwn } = asked;
  const account = isOwn ? ownAccount(user) : guild;
  if (!isYes) {
    await tell(asked, () => t('signIn.declinedReply'), parts);
    return page(200, t('signIn.notConnected'), t('signIn.declined'));
  }
  let kubeez: Kubeez;
  try {
    const { tokens, client } = await confirmed.grant();
    kubeez = await accounts.connect(account, { id: user, name: userName }, { oauth: tokens, client }, clock.now());
  } catch (err) {
    log.warn({ err }, 'sign-in failed');
    await tell(asked, () => t('signIn.failedReply'), parts);
    return page(502, t('signIn.notConnected'), t('signIn.failed'));
  }
  log.info({ account, user }, 'account connected');
  if (!isOwn) parts.onConnected(guild, user);
  const credits = await creditsOf(kubeez, parts);
  await tell(asked, () => outcome(asked, credits).reply, parts);
  return page(200, t('signIn.connected'), outcome(asked, credits).said);
}

/** What Discord and the page say once an account is connected; its credits may not have been read. */
function outcome({ isOwn, guildName: server }: Asked, credits: number | undefined): { reply: string; said: string } {
  if (isOwn)
    return credits === undefined
      ? { reply: t('signIn.paysOwnReplyUnread'), said: t('signIn.paysOwnUnread') }
      : { reply: t('signIn.paysOwnReply', { credits }), said: t('signIn.paysOwn', { credits }) };
  return credits === undefined
    ? { reply: t('signIn.paysReplyUnread'), said: t('signIn.paysUnread', { server }) }
    : { reply: t('signIn.paysReply', { credits }), said: t('signIn.pays', { server, credits }) };
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
async function tell(
  { reply, user, language }: Asked,
  say: () => string,
  { messages, clock, log }: SignInParts,
): Promise<void> {
  const content = speaking(language, say);
  if (clock.now() < reply.until) {
    const edited = await messages.editAnswer(reply.application, reply.token, { content, components: [] });
    if (edited.ok) return;
  }
  const sent = await messages.direct(user, { content }, `connect-${clock.now()}`);
  if (!sent.ok) log.warn({ err: sent.error }, 'nobody could be told of a sign-in');
}

const page = (status: number, title: string, ...paragraphs: string[]): Page => ({ status, title, paragraphs });

/**
 * Tells whoever connected an account that Kubeez no longer lets it in.
 *
 * @param server what the server is called that it pays for; left out for a person's own account
 */
export async function warnOfRefusal(
  messages: Messages,
  user: string,
  account: string,
  server: string | undefined,
): Promise<void> {
  const content = server === undefined ? t('signIn.refusedOwn') : t('signIn.refused', { server });
  const sent = await messages.direct(user, { content }, `refused-${account.slice(-12)}`);
  if (!sent.ok) throw sent.error;
}
