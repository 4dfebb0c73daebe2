import { defaultAccount } from '../defaultAccount.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { SignIn } from '../kubeez/http.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Logger } from '../log.ts';
import type { OAuth } from './oauth.ts';
import type { AccountRecord, AccountRecords, Secret } from './records.ts';

/** Who pays for a flow. */
export interface Payer {
  account: string;
  kubeez: Kubeez;
}

interface AccountsParts {
  /** Bearer token of the default account; undefined when there is none. */
  token: string | undefined;
  /** Undefined without `STATE_KEY`: servers cannot connect accounts then. */
  records: AccountRecords | undefined;
  oauth: OAuth | undefined;
  /** Makes the client of an account; `refused` is to be called when it is not let in. */
  make(signIn: SignIn, account: string, refused: () => void): Kubeez;
  /** Tells somebody, once, that the account they connected is refused. */
  warn(user: string, guild: string): Promise<void>;
  log: Logger;
}

/** Milliseconds without use after which an account's session is closed; the next use opens a new one. */
const idleAfter = 5 * 60_000;

/** The accounts that pay: the bot's own, and those that servers have connected. Clients are made when first needed. */
export class Accounts {
  readonly #parts: AccountsParts;
  readonly #clients = new Map<string, Kubeez>();
  /** When the account of each server was connected, as last seen: its client was made for that. */
  readonly #connectedAt = new Map<string, number | undefined>();
  /** Connections of accounts whose refusal was told. */
  readonly #told = new Set<string>();
  readonly #sweep: NodeJS.Timeout;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#sweep = setInterval(() => void this.#closeIdle(), idleAfter).unref();
  }

  /** Who pays in a server (null: in a DM, where only the bot's own account does); undefined when nobody does. */
  async payerFor(guild: string | null): Promise<Payer | undefined> {
    if (guild !== null && (await this.connected(guild))) return { account: guild, kubeez: await this.of(guild) };
    return this.#parts.token === undefined
      ? undefined
      : { account: defaultAccount, kubeez: await this.of(defaultAccount) };
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
    const [first] = this.#clients.values();
    if (!first) throw new KubeezError('unauthorized');
    return first;
  }

  /** The account a server has connected; undefined when it has none. Another process may have connected it. */
  async connected(guild: string): Promise<AccountRecord | undefined> {
    const record = await this.#parts.records?.load(guild);
    if (record?.at !== this.#connectedAt.get(guild)) await this.#renew(guild, record?.at);
    return record;
  }

  /** Lets a server pay with its own account from now on. Flows under way stay with the account they began with. */
  async connect(guild: string, by: { id: string; name: string }, secret: Secret, now: number): Promise<Kubeez> {
    const { records } = this.#parts;
    if (!records) throw new Error('Without STATE_KEY no account can be kept');
    await records.save(guild, { by: by.id, byName: by.name, at: now, isRefused: false, secret });
    await this.#renew(guild, now);
    return this.of(guild);
  }

  /** Forgets a server's account and tells the platform so. */
  async disconnect(guild: string): Promise<boolean> {
    const { records, oauth } = this.#parts;
    const record = await this.connected(guild);
    if (!records || !record) return false;
    await records.forget(guild);
    if ('oauth' in record.secret) await oauth?.revoke(record.secret.oauth, record.secret.client);
    await this.#renew(guild, undefined);
    return true;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  async #renew(guild: string, at: number | undefined): Promise<void> {
    this.#connectedAt.set(guild, at);
    const old = this.#clients.get(guild);
    this.#clients.delete(guild);
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
    await Promise.all([...this.#clients.values()].map((client) => client.closeIdle(idleAfter)));
  }
}
