import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KeyvStoreAdapter } from 'keyv';
import Database from 'libsql';
import { z } from 'zod';

const rowSchema = z.object({ value: z.string() });

/**
 * Keyv's store in one SQLite file. The published adapter compiles its driver at install; libsql ships it ready.
 * WAL with full synchronisation: a record that `set` has answered for survives a kill and a power cut.
 */
export class SqliteStore extends EventEmitter implements KeyvStoreAdapter {
  readonly opts = {};
  namespace?: string;
  readonly #database: Database.Database;

  /** Opens or makes `file`. Throws when it cannot be written. */
  constructor(file: string) {
    super();
    mkdirSync(dirname(file), { recursive: true });
    this.#database = new Database(file);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma('busy_timeout = 5000');
    this.#database.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    const row = rowSchema.safeParse(this.#database.prepare('SELECT value FROM records WHERE key = ?').get([key]));
    // Keyv wants what `set` was given: its own serialised text. The type of the value is checked by our Store.
    return row.success ? (row.data.value as Value) : undefined;
  }

  async set(key: string, value: unknown): Promise<void> {
    this.#database
      .prepare('INSERT INTO records VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
      .run([key, String(value)]);
  }

  async delete(key: string): Promise<boolean> {
    return this.#database.prepare('DELETE FROM records WHERE key = ?').run([key]).changes > 0;
  }

  async clear(): Promise<void> {
    this.#database.exec('DELETE FROM records');
  }

  async disconnect(): Promise<void> {
    this.#database.close();
  }
}
