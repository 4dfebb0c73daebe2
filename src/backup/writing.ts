import { namespace, redisNamespace, type StoredRecord } from '../state/everyRecord.ts';
import { connect } from '../state/redisLease.ts';
import { cutOffKey } from '../state/refuseNewer.ts';
import { newDatabase } from '../state/sqlite.ts';
import { storedIn } from '../state/stored.ts';

/** Makes a database of these records, or throws what the disk throws. */
export async function writeFile(file: string, records: StoredRecord[]): Promise<void> {
  const rows = records.map(({ key, text }) => [namespace + key, text] as const);
  await (await newDatabase(file, rows)).disconnect();
}

/** What a Redis may have although no bot has kept anything there: what the setup and the doctor leave. */
const trifles = /^(commands|catalogue|versions|doctor)(:|$)/;

const atOnce = 500;

/**
 * Writes these records to a Redis that has none, and gives 0; else gives how many there are, and writes nothing. A kill in
 * the middle leaves a note, with which no bot starts and the same may be done again.
 */
export async function writeRedis(stateUrl: string, records: StoredRecord[]): Promise<number> {
  const client = await connect(stateUrl);
  try {
    const note = redisNamespace + cutOffKey;
    if ((await client.get(note)) === null) {
      const there = new Set<string>();
      for await (const keys of client.scanIterator({ MATCH: `${redisNamespace}*`, COUNT: atOnce }))
        for (const key of keys) if (!trifles.test(key.slice(redisNamespace.length))) there.add(key);
      if (there.size > 0) return there.size;
    }
    await client.set(note, JSON.stringify({ value: { v: 1 } }));
    for (let first = 0; first < records.length; first += atOnce) {
      const several = client.multi();
      for (const { key, text } of records.slice(first, first + atOnce)) {
        const expires = storedIn(text)?.expires;
        several.set(redisNamespace + key, text, typeof expires === 'number' ? { PXAT: Math.ceil(expires) } : {});
      }
      await several.exec();
    }
    await client.del(note);
    return 0;
  } finally {
    client.destroy();
  }
}
