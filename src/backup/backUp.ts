import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import Database from 'libsql';
import { z } from 'zod';
import { DatabaseBeside } from '../state/beside.ts';
import { isDamage, isSound } from '../state/mend.ts';
import { makePrivate } from '../state/privateFile.ts';
import { copyInto } from '../state/sqlite.ts';
import { sqliteFile } from '../state/stateUrl.ts';
import { t } from '../text/text.ts';
import { done, type Outcome, refused } from './outcome.ts';

/**
 * Copies the database, also while the bot runs, and looks whether the copy is sound. The copy has the name it was asked for
 * only once it is whole. Throws what the disk throws.
 */
export function backUp(stateUrl: string, to: string): Outcome {
  if (!stateUrl.startsWith('sqlite:')) return refused(t('backup.onRedis'));
  const file = sqliteFile(stateUrl);
  if (!existsSync(file)) return refused(t('backup.noDatabase', { file }));
  if (existsSync(to)) return refused(t('backup.exists', { file: to }));
  const part = `${to}.part`;
  rmSync(part, { force: true });
  makePrivate(part);
  try {
    const beside = new DatabaseBeside(file);
    try {
      beside.database.pragma('busy_timeout = 5000');
      copyInto(part, beside.database);
    } finally {
      beside.close();
    }
    if (!isSound(part)) return refused(t('backup.damaged', { file }));
    const count = countIn(part);
    renameSync(part, to);
    return done(t('backup.done', { file: to, count, size: statSync(to).size }));
  } catch (error) {
    if (isDamage(error)) return refused(t('backup.damaged', { file }));
    throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

function countIn(file: string): number {
  const database = new Database(file);
  const { count } = z
    .object({ count: z.number() })
    .parse(database.prepare('SELECT count(*) AS count FROM records').get([]));
  database.close();
  return count;
}
