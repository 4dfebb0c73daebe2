/** Whose credits pay, by the names that records keep. */

/** The account that the bot itself was given; a server's own is called by the server's id. */
export const defaultAccount = 'default';

const own = 'person-';

/** A person's own account. */
export const ownAccount = (person: string) => `${own}${person}`;

/** Whose own account it is; undefined for the bot's and those of servers. */
export const ownerOf = (account: string): string | undefined =>
  account.startsWith(own) ? account.slice(own.length) : undefined;

/** Who pays, as sentences choose their words by it. */
export const payerKind = (account: string): 'bot' | 'server' | 'person' => {
  if (ownerOf(account) !== undefined) return 'person';
  return account === defaultAccount ? 'bot' : 'server';
};
