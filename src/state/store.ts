import { Keyv } from 'keyv';
import type { z } from 'zod';
import type { Logger } from '../log.ts';
import type { Lease } from './lease.ts';
import { SqliteStore } from './sqlite.ts';
import { sqliteFile } from './stateUrl.ts';

/** A record whose text no longer fits its schema. It was set aside, not dropped: it may be paid work. */
export class BrokenRecord extends Error {
  override name = 'BrokenRecord';
}

/** The state of the bot: Keyv, with every record parsed when it is read. */
export class Store {
  readonly #keyv: Keyv;
  readonly #log: Logger;
  readonly #lease: Pick<Lease, 'assertHeld'> | undefined;

  /** @param lease what a write needs; left out where nothing else can be running on this store */
  constructor(keyv: Keyv, log: Logger, lease?: Pick<Lease, 'assertHeld'>) {
    this.#keyv = keyv;
    this.#log = log;
    this.#lease = lease;
  }

  /**
   * Reads a record. Gives undefined when there is none; throws {@link BrokenRecord} when it does not fit `schema`
   * (a copy is kept under `aside:<key>`), and the driver's error when the store cannot be reached.
   */
  async get<Schema extends z.ZodType>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    const value: unknown = await this.#keyv.get(key);
    if (value === undefined || value === null) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    await this.#keyv.set(`aside:${key}`, value);
    this.#log.error({ key, problems: parsed.error.issues.map((issue) => issue.path.join('.')) }, 'record set aside');
    throw new BrokenRecord(`The record ${key} does not fit its schema`);
  }

  /**
   * Writes a record; once this resolves it survives a kill of the process. Throws when it cannot be written.
   *
   * @param keptFor milliseconds after which it may be forgotten; for ever when left out
   */
  async set(key: string, value: object, keptFor?: number): Promise<void> {
    await this.#lease?.assertHeld();
    const written = await this.#keyv.set(key, value, keptFor);
    if (!written) throw new Error(`The record ${key} could not be written`);
  }

  async delete(key: string): Promise<void> {
    await this.#lease?.assertHeld();
    await this.#keyv.delete(key);
  }

  async close(): Promise<void> {
    await this.#keyv.disconnect();
  }
}

/** Milliseconds until a Redis that does not answer counts as away; the caller tries again. */
const connectionTimeout = 3000;

/**
 * Opens the store that `STATE_URL` names: `sqlite:<file>` or `redis://…`. Throws when it cannot be opened.
 *
 * @param lease without which nothing is written; left out where nothing is
 */
export async function openStore(stateUrl: string, log: Logger, lease?: Lease): Promise<Store> {
  const store = stateUrl.startsWith('sqlite:') ? new SqliteStore(sqliteFile(stateUrl)) : await redis(stateUrl);
  // Without throwOnErrors Keyv 5 answers a dead store with "no such record", which would lose flows in silence.
  const keyv = new Keyv({ store, throwOnErrors: true, namespace: 'kubeez' });
  keyv.on('error', (err) => log.error({ err }, 'state store'));
  return new Store(keyv, log, lease);
}

/** Loaded only where it is used: its client takes several MiB. */
async function redis(stateUrl: string) {
  const { default: KeyvRedis } = await import('@keyv/redis');
  return new KeyvRedis(stateUrl, { throwOnErrors: true, connectionTimeout });
}
