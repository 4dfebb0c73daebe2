import { existsSync } from 'node:fs';
import Database from 'libsql';
import { leaveLog } from './sqlite.ts';

/**
 * Opens a database that a bot may be using, and leaves it as it was found: the last to close a database takes away its
 * `-wal`, and whoever opens it next would think that somebody had lost it.
 */
export class DatabaseBeside {
  readonly database: Database.Database;
  readonly #hadLog: boolean;

  /** Throws what SQLite throws. Makes the file where there is none. */
  constructor(file: string) {
    this.#hadLog = existsSync(`${file}-wal`);
    this.database = new Database(file);
  }

  /** @param isOurs whether this process alone may use it: then a `-wal` that this look made is taken away, too */
  close(isOurs = false): void {
    if (this.#hadLog || isOurs) leaveLog(this.database);
    this.database.close();
  }
}
