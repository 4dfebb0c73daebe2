import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter } from 'keyv';
import Database from 'libsql';
import { z } from 'zod';
import { makePrivate } from './privateFile.ts';

const rowSchema = z.object({ value: z.string() });

/** Milliseconds in which writes gather: nothing to a person, but twenty commands at once wait for the disk once. */
const gatherFor = 10;

interface Write {
  key: string;
  /** Null deletes. */
  value: string | null;
  done(): void;
  failed(error: unknown): void;
}

/**
 * Keyv's store in one SQLite file. The published adapter compiles its driver at install; libsql ships it ready.
 * WAL with full synchronisation: a record that `set` has answered for survives a kill and a power cut. Waiting for
 * the disk holds up everything else, so writes that come close together share one transaction.
 */
export class SqliteStore extends EventEmitter implements KeyvStoreAdapter {
  readonly opts = {};
  namespace?: string;
  readonly #database: Database.Database;
  readonly #select: Database.Statement;
  readonly #upsert: Database.Statement;
  readonly #remove: Database.Statement;
  #waiting: Write[] = [];

  /** Opens or makes `file`. Throws when it cannot be written. */
  constructor(file: string) {
    super();
    makePrivate(file);
    this.#database = new Database(file);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma('busy_timeout = 5000');
    this.#database.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
    // Keyv drops what is past its time when it is asked for; what nobody asks for again is dropped here.
    this.#database
      .prepare("DELETE FROM records WHERE json_extract(CASE WHEN json_valid(value) THEN value END, '$.expires') < ?")
      .run([Date.now()]);
    this.#select = this.#database.prepare('SELECT value FROM records WHERE key = ?');
    this.#upsert = this.#database.prepare(
      'INSERT INTO records VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#remove = this.#database.prepare('DELETE FROM records WHERE key = ?');
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    // A prepared statement of a closed database answers "no such row" instead of failing.
    if (!this.#database.open) throw new Error('The database is closed');
    const waiting = this.#waiting.findLast((write) => write.key === key);
    // Keyv wants what `set` was given: its own serialised text. The type of the value is checked by our Store.
    if (waiting) return (waiting.value ?? undefined) as Value | undefined;
    const row = rowSchema.safeParse(this.#select.get([key]));
    return row.success ? (row.data.value as Value) : undefined;
  }

  set(key: string, value: unknown): Promise<void> {
    return this.#write(key, String(value));
  }

  async delete(key: string): Promise<boolean> {
    const isThere = (await this.get(key)) !== undefined;
    await this.#write(key, null);
    return isThere;
  }

  async clear(): Promise<void> {
    this.#database.exec('DELETE FROM records');
  }

  async disconnect(): Promise<void> {
    this.#flush();
    this.#database.close();
  }

  #write(key: string, value: string | null): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#waiting.length === 0) setTimeout(() => this.#flush(), gatherFor);
      this.#waiting.push({ key, value, done, failed });
    });
  }

  #flush(): void {
    const writes = this.#waiting;
    if (writes.length === 0) return;
    this.#waiting = [];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { key, value } of writes) {
        if (value === null) this.#remove.run([key]);
        else this.#upsert.run([key, value]);
      }
      this.#database.exec('COMMIT');
      for (const { done } of writes) done();
    } catch (error) {
      if (this.#database.open && this.#database.inTransaction) this.#database.exec('ROLLBACK');
      for (const { failed } of writes) failed(error);
    }
  }
}
