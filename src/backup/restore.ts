import { closeSync, createReadStream, existsSync, openSync, readSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { flowSchema } from '../flows/flow.ts';
import { asRestored } from '../flows/restored.ts';
import { createLogger } from '../log.ts';
import { recordsInFile, type StoredRecord } from '../state/everyRecord.ts';
import { everyShard } from '../state/lease.ts';
import { isSound } from '../state/mend.ts';
import { RedisLease } from '../state/redisLease.ts';
import { nextOf, replaceByNext } from '../state/replacing.ts';
import { SqliteLease } from '../state/sqliteLease.ts';
import { sqliteFile } from '../state/stateUrl.ts';
import { storedIn } from '../state/stored.ts';
import { isNewer } from '../state/versions.ts';
import { t } from '../text/text.ts';
import { formatVersion, readLine } from './lines.ts';
import { done, type Outcome, refused } from './outcome.ts';
import { writeFile, writeRedis } from './writing.ts';

/**
 * Puts the records of a backup or an export in the place of those of the store. Refuses while a bot runs on it, and
 * whatever this version cannot read in full; nothing is changed then. What was in a file is kept beside it; a Redis has to
 * be without records. Throws what the disk and the store throw.
 */
export async function restore(stateUrl: string, from: string): Promise<Outcome> {
  if (!existsSync(from)) return refused(t('backup.noFile', { file: from }));
  const isFile = stateUrl.startsWith('sqlite:');
  const lease = isFile
    ? new SqliteLease(sqliteFile(stateUrl), everyShard, () => {})
    : new RedisLease({ url: stateUrl, shards: everyShard, log: createLogger('silent'), onLost: () => {} });
  if (!(await lease.take())) return refused(t('backup.running'));
  try {
    const read = await readAll(from);
    if ('sentence' in read) return read;
    return isFile ? await intoFile(sqliteFile(stateUrl), from, read) : await intoRedis(stateUrl, from, read);
  } finally {
    await lease.release();
  }
}

async function intoFile(file: string, from: string, records: StoredRecord[]): Promise<Outcome> {
  const made = `${file}.restored`;
  await writeFile(made, records);
  if (!isSound(made)) return refused(t('backup.damaged', { file: made }));
  renameSync(made, nextOf(file));
  const hadOne = existsSync(file);
  const aside = replaceByNext(file) ?? '';
  return done(restored(from, records, hadOne ? aside : ''));
}

async function intoRedis(stateUrl: string, from: string, records: StoredRecord[]): Promise<Outcome> {
  const there = await writeRedis(stateUrl, records);
  if (there > 0) return refused(t('backup.notEmpty', { count: there }));
  return done(restored(from, records, ''));
}

/** @param aside what was there before is kept as; empty where there was nothing */
const restored = (file: string, { length: count }: StoredRecord[], aside: string) =>
  t('backup.restored', { file, count, aside, kept: aside === '' ? 'none' : 'other' });

/** Every record of a backup or an export, as it is to be written; else why not. */
async function readAll(from: string): Promise<StoredRecord[] | Outcome> {
  const read = isDatabase(from) ? await fromDatabase(from) : await fromLines(from);
  if ('sentence' in read) return read;
  const newer = read.some(({ key, text }) => isNewer(key, storedIn(text)?.value));
  if (newer) return refused(t('backup.newer', { file: from }));
  return read.map(({ key, text }) => ({ key, text: key.startsWith('flow:') ? restoredFlow(text) : text }));
}

function restoredFlow(text: string): string {
  const stored = storedIn(text);
  const flow = flowSchema.safeParse(stored?.value);
  if (!flow.success) return text;
  const restored = asRestored(flow.data);
  return restored === flow.data ? text : JSON.stringify({ ...stored, value: restored });
}

async function fromDatabase(from: string): Promise<StoredRecord[] | Outcome> {
  if (!isSound(from)) return refused(t('backup.damaged', { file: from }));
  try {
    const records: StoredRecord[] = [];
    for await (const record of recordsInFile(from)) records.push(record);
    return records;
  } catch {
    return refused(t('backup.notOurs', { file: from }));
  }
}

async function fromLines(from: string): Promise<StoredRecord[] | Outcome> {
  const records: StoredRecord[] = [];
  let isBegun = false;
  let counted: number | undefined;
  for await (const text of createInterface({ input: createReadStream(from), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (text.trim() === '') continue;
    const line = readLine(text);
    if (!line || (!isBegun && !('export' in line))) return refused(t('backup.notOurs', { file: from }));
    isBegun = true;
    if ('export' in line && line.v > formatVersion) return refused(t('backup.newer', { file: from }));
    if ('end' in line) counted = line.records;
    if ('key' in line) records.push({ key: line.key, text: JSON.stringify(line.stored) });
  }
  // Whoever copied it may have been cut off.
  if (counted !== records.length) return refused(t(isBegun ? 'backup.cutOff' : 'backup.notOurs', { file: from }));
  return records;
}

function isDatabase(file: string): boolean {
  const opened = openSync(file, 'r');
  try {
    const head = Buffer.alloc(15);
    readSync(opened, head, 0, head.length, 0);
    return head.toString() === 'SQLite format 3';
  } finally {
    closeSync(opened);
  }
}
