import { existsSync, renameSync, statSync } from 'node:fs';
import Database from 'libsql';
import { z } from 'zod';
import { createLogger, type Logger } from '../log.ts';
import { t } from '../text/text.ts';
import { DatabaseBeside } from './beside.ts';
import { StartRefused } from './lease.ts';
import { OpenFlows } from './openFlows.ts';
import { nextOf, replaceByNext } from './replacing.ts';
import { type Salvaged, salvage } from './salvage.ts';
import { directMessages, Servers } from './servers.ts';
import { isCutOff, newDatabase } from './sqlite.ts';
import { sqliteFile } from './stateUrl.ts';
import { sayCutOff, storeOn } from './store.ts';
import { storedIn } from './stored.ts';

interface Wishes {
  stateUrl: string;
  /** Whether no other process has this store open. */
  isAlone: boolean;
  /** The request that a record is of, if it is one that has not ended. */
  openRequest(record: unknown): { id: string; guild: string | null } | undefined;
  log: Logger;
}

/**
 * Looks whether the database is sound before it is used. A damaged one is kept under a dated name, and what can be read of
 * it is put into a new one. Throws {@link StartRefused} where nothing could be saved: the bot would begin with nothing, and
 * what was paid for would be lost. Nothing is done for Redis, which looks after its own files.
 */
export async function mendStore(wishes: Wishes): Promise<void> {
  const { stateUrl, isAlone, log } = wishes;
  if (!stateUrl.startsWith('sqlite:')) return;
  const file = sqliteFile(stateUrl);
  replaceByNext(file);
  if (!existsSync(file)) return;
  if (isEmptied(file)) throw new StartRefused(t('start.nothingSaved', { file }));
  if (statSync(file).size === 0) log.warn({ file }, 'the database file is empty: the bot begins without any record');
  const cutOff = isCutOff(file);
  if (isSound(file, isAlone)) {
    if (cutOff) sayCutOff(file, log);
    return;
  }
  if (!isAlone) throw new StartRefused(t('start.damagedShared', { file }));
  const saved = readDamaged(file);
  if (!saved || saved.rows.size === 0) throw new StartRefused(t('start.nothingSaved', { file }));
  await writeNext(file, saved, wishes.openRequest);
  const keptAs = replaceByNext(file);
  const { rows, lost } = saved;
  log.error(
    { file, keptAs, saved: rows.size, lost },
    `the database was damaged: ${rows.size} records were saved into a new one, ${lost ? `${lost.length} could not be read` : 'and how many could not be read is unknown'}. The damaged file is kept beside it (docs/operations.md, A damaged database)`,
  );
}

/** The database has no bytes, but what was not brought into it yet is there: SQLite would throw that away. */
const isEmptied = (file: string) =>
  statSync(file).size === 0 && existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;

const checkSchema = z.tuple([z.object({ integrity_check: z.string() })]);

/**
 * Whether SQLite finds no damage. What keeps it from looking is told by whoever opens the store.
 *
 * @param isAlone whether no other process has it open
 */
export function isSound(file: string, isAlone = false): boolean {
  try {
    const beside = new DatabaseBeside(file);
    try {
      const [{ integrity_check: said }] = checkSchema.parse(beside.database.pragma('integrity_check(1)'));
      return said === 'ok';
    } finally {
      beside.close(isAlone);
    }
  } catch (error) {
    return !isDamage(error);
  }
}

/** Whether SQLite met something that it cannot read as a database. */
export const isDamage = (error: unknown) =>
  error instanceof Error && 'code' in error && /^SQLITE_(CORRUPT|NOTADB)/.test(String(error.code));

function readDamaged(file: string): Salvaged | undefined {
  try {
    const database = new Database(file);
    try {
      return salvage(database);
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

/** Makes the new database. It is complete before it has the name under which it takes the old one's place. */
async function writeNext(file: string, { rows, lost }: Salvaged, openRequest: Wishes['openRequest']): Promise<void> {
  const made = `${file}.saved`;
  // What is known to be missing is told as unreadable when it is asked for: a server whose rules are lost has none otherwise.
  const placeholders = (lost ?? []).map((key) => [key, '{"value":{"lost":true}}'] as const);
  const adapter = await newDatabase(made, [...rows, ...placeholders]);
  // The lists of open requests may be among what is lost.
  const store = storeOn(adapter, createLogger('silent'));
  const open = new OpenFlows(store, new Servers(store));
  for (const [key, text] of rows) {
    const request = /^\w+:flow:/.test(key) ? openRequest(storedIn(text)?.value) : undefined;
    if (request) await open.add(request.guild ?? directMessages, request.id);
  }
  await store.close();
  renameSync(made, nextOf(file));
}
