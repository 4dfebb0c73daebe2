import { defaultAccount, ownAccount, ownerOf } from '../accountNames.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { SignIn } from '../kubeez/http.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Logger } from '../log.ts';
import type { OAuth } from './oauth.ts';
import type { AccountRecord, AccountRecords, Secret } from './records.ts';

/** An account as it was connected at a moment. */
export interface Connection {
  account: string;
  /** Milliseconds since 1970; null for the bot's own account, and where it is not known. */
  connectedAt: number | null;
}

/** Who pays for a flow. */
export interface Payer extends Connection {
  kubeez: Kubeez;
}

interface AccountsParts {
  /** Bearer token of the default account; undefined when there is none. */
  token: string | undefined;
  /** Undefined without `STATE_KEY`: nobody can connect accounts then. */
  records: AccountRecords | undefined;
  oauth: OAuth | undefined;
  /** Makes the client of an account; `refused` is to be called when it is not let in. */
  make(signIn: SignIn, account: string, refused: () => void): Kubeez;
  /** Whether people may pay for themselves in a server. Throws when the store cannot be read. */
  allowsOwn(guild: string): Promise<boolean>;
  /** Whether a person wants their own account to pay where it may. Throws when the store cannot be read. */
  prefersOwn(person: string): Promise<boolean>;
  /** Tells somebody, once, that the account they connected is refused. */
  warn(user: string, account: string): Promise<void>;
  log: Logger;
}

/** Milliseconds without use after which an account's session is closed; the next use opens a new one. */
const idleAfter = 5 * 60_000;

/**
 * The accounts that pay: the bot's own, and those that servers and people have connected. Clients are made when first
 * needed.
 */
export class Accounts {
  readonly #parts: AccountsParts;
  readonly #clients = new Map<string, Kubeez>();
  /** When each account was connected, as last seen: its client was made for that. */
  readonly #connectedAt = new Map<string, number>();
  /** Connections of accounts whose refusal was told. */
  readonly #told = new Set<string>();
  readonly #sweep: NodeJS.Timeout;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#sweep = setInterval(() => void this.#closeIdle(), idleAfter).unref();
  }

  /** Who pays for what a person asks for in a server (null: in a DM); undefined when nobody does. */
  async payerFor(guild: string | null, person: string): Promise<Payer | undefined> {
    return (guild === null ? undefined : await this.#ownPayer(guild, person)) ?? this.sharedPayer(guild);
  }

  /** Who pays in a server for those who do not pay for themselves; in a DM only the bot's own account does. */
  async sharedPayer(guild: string | null): Promise<Payer | undefined> {
    const record = guild === null ? undefined : await this.connected(guild);
    if (guild !== null && record) return { account: guild, connectedAt: record.at, kubeez: await this.of(guild) };
    return this.#parts.token === undefined
      ? undefined
      : { account: defaultAccount, connectedAt: null, kubeez: await this.of(defaultAccount) };
  }

  async #ownPayer(guild: string, person: string): Promise<Payer | undefined> {
    const { allowsOwn, prefersOwn } = this.#parts;
    if (!(await allowsOwn(guild))) return undefined;
    const account = ownAccount(person);
    const [record, isPreferred] = await Promise.all([this.connected(account), prefersOwn(person)]);
    return record && isPreferred ? { account, connectedAt: record.at, kubeez: await this.of(account) } : undefined;
  }

  /** Whether an account is still the one that was connected then. Throws when the store cannot be read. */
  async isStill({ account, connectedAt }: Connection): Promise<boolean> {
    if (account === defaultAccount) return true;
    const record = await this.connected(account);
    return record !== undefined && (connectedAt === null || record.at === connectedAt);
  }

  /** The client of an account. Throws KubeezError (`unauthorized`) when it is no longer connected. */
  async of(account: string): Promise<Kubeez> {
    const known = this.#clients.get(account);
    if (known) return known;
    const signIn = await this.#signIn(account);
    if (!signIn) throw new KubeezError('unauthorized');
    const made = this.#parts.make(signIn, account, () => {
      // The store may be away just then: it is found out again at the next call.
      this.#refused(account).catch((err) => this.#parts.log.warn({ err, account }, 'a refusal could not be told'));
    });
    // Another call may have made it in the meantime.
    const client = this.#clients.get(account) ?? made;
    this.#clients.set(account, client);
    return client;
  }

  /** Any account that can be asked what the platform offers; the bot's own first. */
  async any(): Promise<Kubeez> {
    if (this.#parts.token !== undefined) return this.of(defaultAccount);
    const known = [...this.#clients];
    // What everybody is shown is read with a person's own account only where there is no other.
    const [, first] = known.find(([account]) => ownerOf(account) === undefined) ?? known[0] ?? [];
    if (!first) throw new KubeezError('unauthorized');
    return first;
  }

  /** How many reads the bot's own account has left right now; undefined where it has none, or none was made yet. */
  get ownReadsLeft(): number | undefined {
    return this.#clients.get(defaultAccount)?.readsLeft;
  }

  /** The account that a server or a person has connected; undefined when there is none. Another process may have connected it. */
  async connected(account: string): Promise<AccountRecord | undefined> {
    const record = await this.#parts.records?.load(account);
    if (record?.at !== this.#connectedAt.get(account)) await this.#renew(account, record?.at);
    return record;
  }

  /** Connects an account under its name. A price that was shown for the one before is confirmed anew. */
  async connect(account: string, by: { id: string; name: string }, secret: Secret, now: number): Promise<Kubeez> {
    const { records } = this.#parts;
    if (!records) throw new Error('Without STATE_KEY no account can be kept');
    await records.save(account, { by: by.id, byName: by.name, at: now, isRefused: false, secret });
    await this.#renew(account, now);
    return this.of(account);
  }

  /**
   * Forgets an account, and ends its sign-in at the platform. A token that somebody has pasted goes on to work: only they can
   * delete it. Gives which of the two it was; undefined where there was none.
   */
  async disconnect(account: string): Promise<'signIn' | 'token' | undefined> {
    const { records, oauth } = this.#parts;
    const record = await this.connected(account);
    if (!records || !record) return undefined;
    await records.forget(account);
    if ('oauth' in record.secret) await oauth?.revoke(record.secret.oauth, record.secret.client);
    await this.#renew(account, undefined);
    return 'oauth' in record.secret ? 'signIn' : 'token';
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  async #renew(account: string, at: number | undefined): Promise<void> {
    if (at === undefined) this.#connectedAt.delete(account);
    else this.#connectedAt.set(account, at);
    const old = this.#clients.get(account);
    this.#clients.delete(account);
    await old?.close();
  }

  async #signIn(account: string): Promise<SignIn | undefined> {
    const { token, oauth } = this.#parts;
    if (account === defaultAccount) return token === undefined ? undefined : { token };
    const secret = (await this.connected(account))?.secret;
    if (!secret) return undefined;
    if ('token' in secret) return secret;
    return oauth && { tokens: oauth.signIn(account) };
  }

  /** Said once, until the account is connected anew. */
  async #refused(account: string): Promise<void> {
    const { records, log, warn } = this.#parts;
    log.error({ account }, 'Kubeez refuses the sign-in of this account');
    const record = account === defaultAccount ? undefined : await this.connected(account);
    // Many flows may find out at the same moment.
    const connected = `${account} ${record?.at}`;
    if (!records || !record || record.isRefused || this.#told.has(connected)) return;
    this.#told.add(connected);
    await records.change(account, record.at, { isRefused: true });
    await warn(record.by, account).catch((err) => log.warn({ err, account }, 'nobody could be told'));
  }

  async #closeIdle(): Promise<void> {
    // A person may have disconnected their account at another process, which nobody tells this one.
    const owned = [...this.#clients.keys()].filter((account) => ownerOf(account) !== undefined);
    const looks = await Promise.allSettled(owned.map((account) => this.connected(account)));
    for (const look of looks)
      if (look.status === 'rejected') this.#parts.log.warn({ err: look.reason }, 'no account read');
    await Promise.all([...this.#clients.values()].map((client) => client.closeIdle(idleAfter)));
  }
}
