import { OAuthClientInformationSchema } from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import type { Secrets } from '../secrets.ts';
import { KeyedQueue } from '../state/keyedQueue.ts';
import type { Store } from '../state/store.ts';
import type { Seal } from './seal.ts';

const recordSchema = z.object({
  v: z.literal(1),
  /** Who connected it, and is told when it no longer works. */
  by: z.string(),
  byName: z.string().default(''),
  at: z.number(),
  /** The secret, sealed. */
  sealed: z.string(),
  /** Whether somebody was told that it is refused. */
  isRefused: z.boolean().default(false),
});

/** What an account signs in with: a token that somebody entered, or the tokens of an OAuth grant as the SDK returns them. */
const secretSchema = z.union([
  z.object({ token: z.string() }),
  z.object({
    oauth: z.looseObject({
      access_token: z.string(),
      token_type: z.string(),
      refresh_token: z.string().optional(),
    }),
    /** The registration that the grant was given to, and that alone can renew it. */
    client: OAuthClientInformationSchema.loose().optional(),
  }),
]);

export type Secret = z.infer<typeof secretSchema>;

/** An account that a server or a person has connected. Times are ms since 1970. */
export interface AccountRecord {
  by: string;
  byName: string;
  at: number;
  isRefused: boolean;
  secret: Secret;
}

/** The accounts that servers and people have connected, sealed under `account:` and the account's name. */
export class AccountRecords {
  readonly #store: Store;
  readonly #seal: Seal;
  readonly #secrets: Secrets;
  readonly #turns = new KeyedQueue();

  /** @param secrets told of every secret that is read or kept here */
  constructor(store: Store, seal: Seal, secrets: Secrets) {
    this.#store = store;
    this.#seal = seal;
    this.#secrets = secrets;
  }

  /** An account by its name; undefined when there is none, or its key was lost. */
  async load(account: string): Promise<AccountRecord | undefined> {
    const record = await this.#store.get(accountKey(account), recordSchema);
    const text = record && this.#seal.open(record.sealed);
    if (!record || text === undefined) return undefined;
    const secret = secretSchema.safeParse(JSON.parse(text));
    if (!secret.success) return undefined;
    this.#note(secret.data);
    const { by, byName, at, isRefused } = record;
    return { by, byName, at, isRefused, secret: secret.data };
  }

  save(account: string, record: AccountRecord): Promise<void> {
    return this.#turns.run(account, () => this.#write(account, record));
  }

  /** Changes an account as it is then, if it is still the one that was connected at `at`; another one may have been since. */
  change(account: string, at: number, changes: Partial<Pick<AccountRecord, 'isRefused' | 'secret'>>): Promise<void> {
    return this.#turns.run(account, async () => {
      const now = await this.load(account);
      if (now?.at === at) await this.#write(account, { ...now, ...changes });
    });
  }

  forget(account: string): Promise<void> {
    return this.#turns.run(account, async () => void (await this.#store.delete(accountKey(account))));
  }

  async #write(account: string, { secret, ...rest }: AccountRecord): Promise<void> {
    this.#note(secret);
    await this.#store.set(accountKey(account), { v: 1, ...rest, sealed: this.#seal.close(JSON.stringify(secret)) });
  }

  /** Keeps something else under seal, such as what a sign-in under way needs. `keptFor` in milliseconds. */
  async keep(key: string, value: object, keptFor?: number): Promise<void> {
    await this.#store.set(`sealed:${key}`, { v: 1, sealed: this.#seal.close(JSON.stringify(value)) }, keptFor);
  }

  async kept<Schema extends z.ZodType>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    const record = await this.#store.get(`sealed:${key}`, z.object({ v: z.literal(1), sealed: z.string() }));
    const text = record && this.#seal.open(record.sealed);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  }

  #note(secret: Secret): void {
    const tokens = 'token' in secret ? [secret.token] : [secret.oauth.access_token, secret.oauth.refresh_token];
    for (const token of tokens) this.#secrets.add(token);
  }

  async drop(key: string): Promise<void> {
    await this.#store.delete(`sealed:${key}`);
  }
}

/** What an account is kept under. */
export const accountKey = (account: string) => `account:${account}`;
