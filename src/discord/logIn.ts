import { type Client, DiscordAPIError, DiscordjsErrorCodes, Events, HTTPError } from 'discord.js';
import { t } from '../text/text.ts';

/** Discord refuses this bot for good; the message is a sentence for whoever runs it. */
export class RefusedByDiscord extends Error {
  override name = 'RefusedByDiscord';
}

/** What the gateway says when it closes a connection for good (docs: topics/opcodes-and-status-codes). */
const closings = { 4004: 'start.badToken', 4010: 'start.badShards', 4011: 'start.moreShards' } as const;

/** The sentence for a connection that Discord has closed for good. */
export const closedForGood = (code: number) =>
  code === 4004 || code === 4010 || code === 4011
    ? t(closings[code])
    : t('start.closedForGood', { code: String(code) });

/**
 * Logs in, and resolves once every shard is ready. Throws {@link RefusedByDiscord} when trying again would not help,
 * the reason of the signal when it is aborted, and any other error of discord.js; the client is of no use then.
 */
export async function logIn(client: Client, token: string, signal: AbortSignal | undefined): Promise<void> {
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  const stopped = new Promise<never>((_, fail) => {
    signal?.addEventListener('abort', () => fail(signal.reason));
    // discord.js says this of codes after which it does not try again, and then waits for ever.
    client.once(Events.ShardDisconnect, ({ code }) => fail(new RefusedByDiscord(closedForGood(code))));
  });
  stopped.catch(() => undefined);
  try {
    signal?.throwIfAborted();
    await Promise.race([client.login(token).then(() => ready), stopped]);
  } catch (error) {
    const isRefused = error instanceof Error && 'code' in error && error.code === DiscordjsErrorCodes.TokenInvalid;
    throw isRefused ? new RefusedByDiscord(closedForGood(4004)) : error;
  }
}

/** Error codes of Node and undici for trouble with the network. */
const network = /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOST\w+|ENET\w+|UND_ERR_\w+)$/;

/** Whether the next attempt may work: Discord, or the network on the way to it, is in trouble. */
export function mayPass(error: unknown): boolean {
  if (error instanceof DiscordAPIError || error instanceof HTTPError)
    return error.status >= 500 || error.status === 429;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // The last is a request given up for its time.
  if (network.test(code) || error.name === 'AbortError') return true;
  // Discord allows 1,000 logins a day.
  return /Not enough sessions remaining/.test(error.message);
}
