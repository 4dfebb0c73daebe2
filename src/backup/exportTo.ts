import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { everyRecord } from '../state/everyRecord.ts';
import { makePrivate } from '../state/privateFile.ts';
import { sqliteFile } from '../state/stateUrl.ts';
import { t } from '../text/text.ts';
import { firstLine, lastLine, lineOf } from './lines.ts';
import { done, type Outcome, refused } from './outcome.ts';

/**
 * Writes every record as a line of JSON, to be restored into a store of either kind. Throws what the store and the disk
 * throw.
 */
export async function exportTo(stateUrl: string, to: string): Promise<Outcome> {
  const isFile = stateUrl.startsWith('sqlite:');
  if (isFile && !existsSync(sqliteFile(stateUrl)))
    return refused(t('backup.noDatabase', { file: sqliteFile(stateUrl) }));
  if (existsSync(to)) return refused(t('backup.exists', { file: to }));
  const part = `${to}.part`;
  rmSync(part, { force: true });
  makePrivate(part);
  try {
    const count = await writeLines(stateUrl, part);
    renameSync(part, to);
    return done(t('backup.exported', { file: to, count, size: statSync(to).size }));
  } finally {
    rmSync(part, { force: true });
  }
}

async function writeLines(stateUrl: string, to: string): Promise<number> {
  const opened = openSync(to, 'w');
  try {
    let count = 0;
    writeSync(opened, firstLine());
    for await (const record of everyRecord(stateUrl)) {
      writeSync(opened, lineOf(record));
      count++;
    }
    writeSync(opened, lastLine(count));
    fsyncSync(opened);
    return count;
  } finally {
    closeSync(opened);
  }
}
