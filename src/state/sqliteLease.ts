import { statSync } from 'node:fs';
import Database from 'libsql';
import type { Lease, Shards, WantedShards } from './lease.ts';
import { makePrivate } from './privateFile.ts';

interface Lock {
  file: string;
  /** Which file of that name it is on. */
  inode: bigint | undefined;
  database: Database.Database;
}

/**
 * The lease of an SQLite file: a transaction on a lock file beside it, which the operating system ends with the process,
 * so that a start after kill -9 waits for nothing. The database itself is not locked: it is backed up while the bot runs.
 *
 * A process for all shards has `<file>.lock` to itself. Processes for some shards share it, and have a file for each of
 * their shards to themselves.
 */
export class SqliteLease implements Lease {
  readonly #file: string;
  #wanted: WantedShards;
  readonly #onLost: () => void;
  #locks: Lock[] = [];

  /** @param onLost told once, when another process has the lease now */
  constructor(file: string, wanted: WantedShards, onLost: () => void) {
    this.#file = `${file}.lock`;
    this.#wanted = wanted;
    this.#onLost = onLost;
  }

  async take(): Promise<Shards | undefined> {
    const ids = this.#lockAll();
    if (ids.length === 0) {
      await this.release();
      return undefined;
    }
    const { count } = this.#wanted;
    // Taken anew, it is for the same shards.
    this.#wanted = { ids, count, isOneEnough: false };
    return { ids, count };
  }

  /** Locks what is needed. Gives the ids of the shards it is for; none when something is locked by somebody else. */
  #lockAll(): readonly number[] {
    const { ids, count, isOneEnough } = this.#wanted;
    if (ids.length === count && (count === 1 || !isOneEnough)) return this.#lock(this.#file, 'alone') ? ids : [];
    if (!this.#lock(this.#file, 'shared')) return [];
    const lockOne = (id: number) => this.#lock(`${this.#file}-${id}`, 'alone');
    if (!isOneEnough) return ids.every(lockOne) ? ids : [];
    const free = ids.find(lockOne);
    return free === undefined ? [] : [free];
  }

  async assertHeld(): Promise<void> {
    if (!(await this.isHeld())) throw new Error('The lease is not held');
  }

  /**
   * The operating system takes a lock from nobody. But whoever deletes the file takes it from everybody: the next process
   * makes another file of that name, and locks that one.
   */
  async isHeld(): Promise<boolean> {
    if (this.#locks.length === 0) return false;
    if (this.#locks.every(({ file, inode }) => inodeOf(file) === inode)) return true;
    await this.release();
    const isTakenAnew = (await this.take()) !== undefined;
    if (!isTakenAnew) this.#onLost();
    return isTakenAnew;
  }

  async release(): Promise<void> {
    for (const { database } of this.#locks.splice(0)) unlock(database);
  }

  #lock(file: string, how: 'shared' | 'alone'): boolean {
    makePrivate(file);
    const database = new Database(file);
    try {
      database.pragma('busy_timeout = 0');
      // Nothing is ever written, so no journal is needed beside it.
      database.pragma('journal_mode = MEMORY');
      database.exec(how === 'alone' ? 'BEGIN EXCLUSIVE' : 'BEGIN');
      // A transaction that only reads begins with its first read.
      if (how === 'shared') database.prepare('SELECT count(*) FROM sqlite_master').get([]);
    } catch (error) {
      unlock(database);
      if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return false;
      throw error;
    }
    this.#locks.push({ file, inode: inodeOf(file), database });
    return true;
  }
}

/** Which file has this name now; undefined: none. */
const inodeOf = (file: string) => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;

/** Closing alone may leave the lock until the garbage is collected. */
function unlock(database: Database.Database): void {
  if (database.inTransaction) database.exec('ROLLBACK');
  database.close();
}
