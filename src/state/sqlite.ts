import { isUtf8 } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { closeSync, existsSync, fdatasync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import type { KeyvEntry, KeyvStoreAdapter } from 'keyv';
import Database from 'libsql';
import { z } from 'zod';
import { makePrivate } from './privateFile.ts';

const versionSchema = z.tuple([z.object({ user_version: z.number() })]);
const rowSchema = z.object({ value: z.instanceof(Buffer) });

/**
 * Whether a database was not closed, and the file with its newest records is not beside it (SQLite's file format: byte 18 is
 * 2 in WAL mode, byte 60 begins the version of its user). Earlier releases, which set no version, left every database so.
 */
export function isCutOff(file: string): boolean {
  if (!existsSync(file) || existsSync(`${file}-wal`)) return false;
  const header = Buffer.alloc(100);
  const opened = openSync(file, 'r');
  const bytes = readSync(opened, header);
  closeSync(opened);
  return bytes === header.length && header[18] === 2 && header.readUInt32BE(60) > 0;
}

/** When a record may be dropped, in milliseconds since 1970, as SQLite finds it; null for those that stay, and for what is no JSON. */
const expires = "json_extract(CASE WHEN json_valid(value) THEN value END, '$.expires')";

/** Milliseconds over which writes are collected: too short to notice, but twenty commands at once wait for the disk once. */
const gatherFor = 10;

/** Waits on a thread until the disk has what was written to an open file. */
export type SyncFile = (opened: number) => Promise<void>;

interface Write {
  key: string;
  /** Null deletes. */
  value: string | null;
  done(): void;
  failed(error: unknown): void;
}

/**
 * Keyv's store in one SQLite file. The published adapter compiles its driver at install; libsql ships it ready.
 * A record that `set` has answered for survives a kill and a power cut. SQLite itself would wait for the disk at each
 * COMMIT, and hold up everything else: so it does not wait, and the log of what was written (`-wal`) is brought to the disk
 * on a thread before anybody is answered (synchronous = NORMAL: SQLite waits only where it moves that log into the database).
 * Writes that come close together share one transaction.
 */
export class SqliteStore extends EventEmitter implements KeyvStoreAdapter {
  readonly opts = {};
  /**
   * Whether the newest records may be missing: the database was not closed, and the file that held them is not beside it.
   * A database that is closed properly leaves WAL mode, so its own header is the note of that.
   */
  readonly isCutOff: boolean;
  namespace?: string;
  readonly #file: string;
  readonly #syncFile: SyncFile;
  #database: Database.Database;
  /** The open file of the newest records. */
  #log: number;
  #select: Database.Statement;
  #upsert: Database.Statement;
  #remove: Database.Statement;
  #waiting: Write[] = [];
  #flushed = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** Opens or makes `file`. Throws when it cannot be written. */
  constructor(file: string, syncFile: SyncFile = promisify(fdatasync)) {
    super();
    this.#file = file;
    this.#syncFile = syncFile;
    makePrivate(file);
    this.isCutOff = isCutOff(file);
    this.#database = new Database(file);
    const [{ user_version: version }] = versionSchema.parse(this.#database.pragma('user_version'));
    if (version === 0) this.#database.pragma('user_version = 1');
    this.#setUp();
    // Keyv drops what is past its time when it is asked for; what nobody asks for again is dropped here.
    this.#database.prepare(`DELETE FROM records WHERE ${expires} < ?`).run([Date.now()]);
    ({ select: this.#select, upsert: this.#upsert, remove: this.#remove } = this.#statements());
    this.#log = openSync(`${file}-wal`, 'r');
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    // A prepared statement of a closed database answers "no such row" instead of failing.
    if (!this.#database.open) throw new Error('The database is closed');
    const waiting = this.#waiting.findLast((write) => write.key === key);
    // Keyv wants what `set` was given: its own serialised text. The type of the value is checked by our Store.
    if (waiting) return (waiting.value ?? undefined) as Value | undefined;
    const row = rowSchema.safeParse(this.#read(key));
    return row.success ? (asText(row.data.value) as Value) : undefined;
  }

  set(key: string, value: unknown): Promise<void> {
    return this.#write(key, String(value));
  }

  /** All or none: what is asked for together is in the same transaction. */
  async setMany(entries: readonly KeyvEntry[]): Promise<void> {
    await Promise.all(entries.map(({ key, value }) => this.set(key, value)));
  }

  async delete(key: string): Promise<boolean> {
    const isThere = (await this.get(key)) !== undefined;
    await this.#write(key, null);
    return isThere;
  }

  async clear(): Promise<void> {
    this.#database.exec('DELETE FROM records');
  }

  disconnect(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#flush();
    closeSync(this.#log);
    leaveLog(this.#database);
    this.#database.close();
  }

  /** A statement that has met damage fails for every other row as well. */
  #read(key: string): unknown {
    try {
      return this.#select.get([key]);
    } catch (error) {
      this.#select = this.#statements().select;
      throw error;
    }
  }

  #setUp(): void {
    // First: whoever looks whether the database is sound, or copies it, reads for a moment.
    this.#database.pragma('busy_timeout = 5000');
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = NORMAL');
    this.#database.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
    // Without it a start would read every record to find the few that are past their time.
    this.#database.exec(`CREATE INDEX IF NOT EXISTS expiring ON records (${expires})`);
  }

  #statements() {
    return {
      // As bytes: libsql ends the whole process over a text that is no UTF-8.
      select: this.#database.prepare('SELECT CAST(value AS BLOB) AS value FROM records WHERE key = ?'),
      upsert: this.#database.prepare(
        'INSERT INTO records VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ),
      remove: this.#database.prepare('DELETE FROM records WHERE key = ?'),
    };
  }

  /** Somebody deleted the file. Whoever has it open has every record still, but nobody after that: it is written anew. */
  #writeAnew(): void {
    const copy = `${this.#file}.new`;
    rmSync(copy, { force: true });
    makePrivate(copy);
    copyInto(copy, this.#database);
    const oldLog = this.#log;
    this.#database.close();
    for (const left of ['-wal', '-shm']) rmSync(this.#file + left, { force: true });
    renameSync(copy, this.#file);
    this.#database = new Database(this.#file);
    this.#setUp();
    ({ select: this.#select, upsert: this.#upsert, remove: this.#remove } = this.#statements());
    this.#log = openSync(`${this.#file}-wal`, 'r');
    // Not sooner: where this fails halfway, the old one is what is closed in the end, once.
    closeSync(oldLog);
    this.emit('error', new Error('The database file was deleted while the bot runs; it was written anew'));
  }

  #write(key: string, value: string | null): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#waiting.length === 0) setTimeout(() => void this.#flush(), gatherFor);
      this.#waiting.push({ key, value, done, failed });
    });
  }

  /** Writes what waits, after what is on its way already. Never throws: whoever waits is told. */
  #flush(): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#writeWaiting());
    return this.#flushed;
  }

  async #writeWaiting(): Promise<void> {
    const writes = this.#waiting;
    if (writes.length === 0) return;
    this.#waiting = [];
    try {
      this.#commit(writes);
      await this.#syncFile(this.#log);
      if (!existsSync(this.#file)) this.#writeAnew();
      for (const { done } of writes) done();
    } catch (error) {
      for (const { failed } of writes) failed(error);
    }
  }

  #commit(writes: Write[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { key, value } of writes) {
        if (value === null) this.#remove.run([key]);
        else this.#upsert.run([key, value]);
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.open && this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Brings all that is in `-wal` into the database and notes that. Where somebody else has it open, or it is damaged, it stays as it is. */
export function leaveLog(database: Database.Database): void {
  try {
    database.pragma('busy_timeout = 0');
    database.pragma('journal_mode = DELETE');
  } catch {
    // The next start reads the `-wal` that is left.
  }
}

/** Copies a database into a file, all as it is at one moment, whatever is written meanwhile. Throws what SQLite throws. */
export function copyInto(file: string, database: Database.Database): void {
  database.exec(`VACUUM INTO '${file.replaceAll("'", "''")}'`);
}

/**
 * Makes a database of these rows, in the place of whatever a try before has left there; the store on it is open. Throws what
 * the disk throws.
 */
export async function newDatabase(
  file: string,
  rows: Iterable<readonly [key: string, text: string]>,
): Promise<SqliteStore> {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  const store = new SqliteStore(file);
  await Promise.all([...rows].map(([key, text]) => store.set(key, text)));
  return store;
}

/** The text of a row; where damage left no text, something that is no record. */
const asText = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString() : 'not a text');
