import { Keyv, type KeyvStoreAdapter } from 'keyv';
import type { z } from 'zod';
import type { Logger } from '../log.ts';
import { type Lease, unusable } from './lease.ts';
import type { Writes } from './ownRecords.ts';
import { SqliteStore } from './sqlite.ts';
import { sqliteFile } from './stateUrl.ts';
import { isNewer } from './versions.ts';
import { StoreTimeout, within } from './within.ts';

/** A record whose text no longer fits its schema. It was set aside, not dropped: it may be paid work. */
export class BrokenRecord extends Error {
  override name = 'BrokenRecord';
  /** The record as it was found. */
  readonly record: unknown;

  constructor(key: string, record: unknown) {
    super(`The record ${key} does not fit its schema`);
    this.record = record;
  }
}

/** A record that a later version of the bot wrote. It was left as it is. */
export class NewerRecord extends Error {
  override name = 'NewerRecord';

  constructor(key: string) {
    super(`The record ${key} was written by a newer version of the bot`);
  }
}

/** Whether reading a record once more would end the same way. */
export const isLasting = (error: unknown) => error instanceof BrokenRecord || error instanceof NewerRecord;

/** The state of the bot: Keyv, with every record parsed when it is read. */
export class Store {
  readonly #keyv: Keyv;
  readonly #log: Logger;
  readonly #lease: Pick<Lease, 'assertHeld'> | undefined;
  readonly #reconnect: (() => void) | undefined;
  /** The latest write of each record that is under way. */
  readonly #writing = new Map<string, Promise<unknown>>();
  #isSilent = false;
  #troubles = 0;
  /** Told how long each read and write took, in milliseconds. */
  onAnswered: ((operation: 'read' | 'write', milliseconds: number) => void) | undefined;

  /**
   * @param lease what a write needs; left out where nothing else can be running on this store
   * @param reconnect drops a connection that no longer answers; the next call makes another
   */
  constructor(keyv: Keyv, log: Logger, lease?: Pick<Lease, 'assertHeld'>, reconnect?: () => void) {
    this.#keyv = keyv;
    this.#log = log;
    this.#lease = lease;
    this.#reconnect = reconnect;
  }

  /**
   * Reads a record. Gives undefined when there is none; throws {@link BrokenRecord} when it does not fit `schema`
   * (a copy is kept under `aside:<key>`), {@link NewerRecord} when a later version wrote it, and the driver's error when
   * the store cannot be reached.
   */
  async get<Schema extends z.ZodType>(key: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    // What is being written counts already: a change based on what was there before would undo it.
    const writing = this.#writing.get(key)?.catch(() => undefined);
    const value: unknown = await this.#answered('read', async () => {
      if (writing) await writing;
      return this.#keyv.get(key);
    });
    if (value === undefined || value === null) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    if (isNewer(key, value)) throw new NewerRecord(key);
    await this.#answered('write', () => this.#keyv.set(`aside:${key}`, value));
    this.#log.error({ key, problems: parsed.error.issues.map((issue) => issue.path.join('.')) }, 'record set aside');
    throw new BrokenRecord(key, value);
  }

  /**
   * Writes a record; once this resolves it survives a kill of the process. Throws when it cannot be written.
   *
   * @param keptFor milliseconds after which it may be forgotten; for ever when left out
   */
  async set(key: string, value: object, keptFor?: number): Promise<void> {
    const written = await this.#write([key], () => this.#keyv.set(key, value, keptFor));
    if (!written) throw new Error(`The record ${key} could not be written`);
  }

  /** Writes records: once this resolves they survive a kill, and a kill before leaves all of them or none. Throws as `set`. */
  async setAll(records: Writes): Promise<void> {
    const [first, ...others] = records;
    if (!first) return;
    if (others.length === 0) return this.set(...first);
    const entries = records.map(([key, value]) => ({ key, value }));
    await this.#write(
      records.map(([key]) => key),
      () => this.#keyv.setMany(entries),
    );
  }

  async delete(key: string): Promise<void> {
    await this.#write([key], () => this.#keyv.delete(key));
  }

  /** Counts what may have cost the store its latest writes, as when another machine takes over: errors and lost connections. */
  get troubles(): number {
    return this.#troubles;
  }

  /** Something went wrong with the store. */
  noteTrouble(): void {
    this.#troubles++;
  }

  async close(): Promise<void> {
    await within(patience, this.#keyv.disconnect()).catch(() => this.#reconnect?.());
  }

  /**
   * One write of a record at a time, in the order in which they were asked for: one that was given up as too slow may
   * still arrive, and would undo what was written since.
   */
  #write<Written>(keys: readonly string[], write: () => Promise<Written>): Promise<Written> {
    const before = Promise.allSettled(keys.map((key) => this.#writing.get(key)));
    const writing = before.then(async () => {
      await this.#lease?.assertHeld();
      return write();
    });
    const forget = (key: string) => void (this.#writing.get(key) === writing && this.#writing.delete(key));
    for (const key of keys) {
      this.#writing.set(key, writing);
      writing.then(
        () => forget(key),
        () => forget(key),
      );
    }
    return this.#answered('write', () => writing);
  }

  /** A half-open connection answers nothing for minutes and reports no error: no command waits longer than this. */
  async #answered<Result>(operation: 'read' | 'write', task: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    try {
      const result = await within(patience, task());
      if (this.#isSilent) this.#log.info('the store answers again');
      this.#isSilent = false;
      return result;
    } catch (error) {
      this.noteTrouble();
      if (error instanceof StoreTimeout) {
        if (!this.#isSilent) this.#log.error({ err: error }, 'the store does not answer; connecting anew');
        this.#isSilent = true;
        this.#reconnect?.();
      }
      throw error;
    } finally {
      this.onAnswered?.(operation, performance.now() - begun);
    }
  }
}

/** Milliseconds until a store that does not answer counts as away; the caller tries again. */
const patience = 3_000;

/**
 * Opens the store that `STATE_URL` names: `sqlite:<file>` or `redis://…`. Throws {@link StartRefused}
 * where a file cannot be used, and what Redis throws.
 *
 * @param lease without which nothing is written; left out where nothing is
 */
export async function openStore(stateUrl: string, log: Logger, lease?: Lease): Promise<Store> {
  if (!stateUrl.startsWith('sqlite:')) {
    const store = await redis(stateUrl);
    return storeOn(store, log, lease, () => drop(store.client));
  }
  return storeOn(openFile(sqliteFile(stateUrl), log), log, lease);
}

/** A text that begins with a colon: Keyv marks bytes so, and puts another colon before such texts of ours. */
const marked = /[:,[]":/;

/**
 * The store on any adapter of Keyv. Records are written as Keyv writes them, but by JSON's own functions, which take a
 * fraction of the time, wherever that is the same.
 *
 * @param reconnect drops a connection that no longer answers
 */
export function storeOn(adapter: KeyvStoreAdapter, log: Logger, lease?: Lease, reconnect?: () => void): Store {
  // Without throwOnErrors Keyv 5 answers a dead store with "no such record", which would lose flows in silence.
  const keyv = new Keyv({ store: adapter, throwOnErrors: true, namespace: 'kubeez' });
  const { serialize, deserialize } = keyv;
  keyv.serialize = (record) => {
    const text = JSON.stringify(record);
    return serialize && marked.test(text) ? serialize(record) : text;
  };
  // A text that is no record is a record that does not fit, not an error of the store that may pass.
  keyv.deserialize = async <Value>(text: string) => {
    try {
      const record = marked.test(text) ? await deserialize?.<Value>(text) : JSON.parse(text);
      if (record && typeof record === 'object' && 'value' in record) return record;
    } catch {
      // Told below.
    }
    return { value: { unreadable: text } as Value };
  };
  const store = new Store(keyv, log, lease, reconnect);
  keyv.on('error', (err) => {
    log.error({ err }, 'state store');
    store.noteTrouble();
  });
  return store;
}

function sqlite(file: string): SqliteStore {
  try {
    return new SqliteStore(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

function openFile(file: string, log: Logger): SqliteStore {
  const store = sqlite(file);
  if (store.isCutOff) sayCutOff(file, log);
  return store;
}

/** Tells whoever runs the bot that records may be missing. */
export const sayCutOff = (file: string, log: Logger) =>
  log.error(
    { file },
    'the database was not closed and its -wal file is not beside it: the newest records may be missing. Put the file back if you have it (docs/operations.md, Backup, restore, move)',
  );

/** Drops a connection without closing it properly, because the server no longer answers. */
function drop(client: { isOpen?: boolean; destroy(): void }): void {
  if (client.isOpen) client.destroy();
}

/** Loaded only where it is used: its client takes several MiB. */
async function redis(stateUrl: string) {
  const { default: KeyvRedis } = await import('@keyv/redis');
  const store = new KeyvRedis(stateUrl, { throwOnErrors: true, connectionTimeout: patience });
  // One command. The library's own way is one for each record, in a transaction.
  store.setMany = async (entries) => {
    const client = await store.getClient();
    await client.mSet(
      entries.flatMap(({ key, value }) => [store.createKeyPrefix(key, store.namespace), String(value)]),
    );
  };
  return store;
}
