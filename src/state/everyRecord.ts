import { z } from 'zod';
import { DatabaseBeside } from './beside.ts';
import { connect } from './redisLease.ts';
import { sqliteFile } from './stateUrl.ts';

/** A record as it lies in the store: its key, and the text that Keyv wrote of it. */
export interface StoredRecord {
  key: string;
  text: string;
}

/** Before the keys of all records. */
export const namespace = 'kubeez:';

/** The same on Redis, where the adapter adds its own. */
export const redisNamespace = `kubeez::${namespace}`;

/** Every record of a store, in no particular order. Throws what the store throws. */
export const everyRecord = (stateUrl: string): AsyncGenerator<StoredRecord> =>
  stateUrl.startsWith('sqlite:') ? recordsInFile(sqliteFile(stateUrl)) : recordsOnRedis(stateUrl);

const bytes = z.instanceof(ArrayBuffer).transform((data) => Buffer.from(data).toString());
const rowSchema = z.object({ key: bytes, value: bytes });

/** Those of an SQLite file, all of the same moment. */
export async function* recordsInFile(file: string): AsyncGenerator<StoredRecord> {
  const beside = new DatabaseBeside(file);
  try {
    // As bytes: libsql ends the whole process over a text that is no UTF-8.
    const all = beside.database.prepare('SELECT CAST(key AS BLOB) AS key, CAST(value AS BLOB) AS value FROM records');
    for (const row of all.iterate([])) {
      const { key, value: text } = rowSchema.parse(row);
      if (key.startsWith(namespace)) yield { key: key.slice(namespace.length), text };
    }
  } finally {
    beside.close();
  }
}

const atOnce = 500;

async function* recordsOnRedis(stateUrl: string): AsyncGenerator<StoredRecord> {
  const client = await connect(stateUrl);
  try {
    // Redis may name a key more than once.
    const seen = new Set<string>();
    for await (const named of client.scanIterator({ MATCH: `${redisNamespace}*`, COUNT: atOnce })) {
      const keys = named.filter((key) => !seen.has(key));
      if (keys.length === 0) continue;
      const texts = await client.mGet(keys);
      for (const [index, key] of keys.entries()) {
        seen.add(key);
        const text = texts[index];
        // Deleted meanwhile.
        if (typeof text === 'string') yield { key: key.slice(redisNamespace.length), text };
      }
    }
  } finally {
    client.destroy();
  }
}
