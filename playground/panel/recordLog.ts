import Database from 'libsql';
import { z } from 'zod';
import { SqliteStore } from '../../src/state/sqlite.ts';

/** A record of the bot's that was written or deleted. */
export interface RecordChange {
  /** When, in milliseconds since 1970. */
  at: number;
  key: string;
  /** Its texts before and after; null where there was none, or is none any more. */
  before: string | null;
  after: string | null;
}

const rowsSchema = z.array(
  z.object({
    id: z.number(),
    at: z.number(),
    key: z.string(),
    before: z.string().nullable(),
    after: z.string().nullable(),
  }),
);

/** Changes that the database keeps for whoever reads them late. */
const kept = 2000;

const note = (event: string, key: string, before: string, after: string) => `
  CREATE TRIGGER IF NOT EXISTS playground_${event} AFTER ${event} ON records BEGIN
    INSERT INTO playground_changes (at, key, before, after)
      VALUES (unixepoch('subsec') * 1000, ${key}, ${before}, ${after});
    DELETE FROM playground_changes WHERE id <= last_insert_rowid() - ${kept};
  END;`;

/**
 * Every change of the bot's records, noted by the database itself: it is there exactly when the record is, also when the
 * bot is killed a moment later. The bot knows nothing of it.
 */
export class RecordLog {
  readonly #database: Database.Database;
  readonly #since: Database.Statement;
  #last = 0;

  /** Makes the database as the bot would make it, in `file`; the bot must not run yet. */
  static async open(file: string): Promise<RecordLog> {
    await new SqliteStore(file).disconnect();
    return new RecordLog(new Database(file));
  }

  private constructor(database: Database.Database) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS playground_changes (
        id INTEGER PRIMARY KEY, at REAL NOT NULL, key TEXT NOT NULL, before TEXT, after TEXT);
      ${note('INSERT', 'NEW.key', 'NULL', 'NEW.value')}
      ${note('UPDATE', 'NEW.key', 'OLD.value', 'NEW.value')}
      ${note('DELETE', 'OLD.key', 'OLD.value', 'NULL')}`);
    this.#since = database.prepare(
      'SELECT id, at, key, before, after FROM playground_changes WHERE id > ? AND before IS NOT after ORDER BY id',
    );
  }

  /** The changes since the last time, oldest first. */
  read(): RecordChange[] {
    const rows = rowsSchema.parse(this.#since.all([this.#last]));
    this.#last = rows.at(-1)?.id ?? this.#last;
    return rows;
  }

  close(): void {
    this.#database.close();
  }
}
