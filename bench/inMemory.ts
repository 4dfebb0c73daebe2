import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter } from 'keyv';
import type { Stage } from '../playground/stage.ts';
import { createLogger } from '../src/log.ts';
import { newDatabase } from '../src/state/sqlite.ts';
import { sqliteFile } from '../src/state/stateUrl.ts';
import { type Store, storeOn } from '../src/state/store.ts';

/**
 * Writes records by the bot’s own parts while no bot runs, and then all at once into its database: thousands of writes that
 * each wait for the disk would take minutes.
 */
export async function writeRecords<Result>(stage: Stage, write: (store: Store) => Promise<Result>): Promise<Result> {
  const rows = new Map<string, string>();
  const adapter: KeyvStoreAdapter = Object.assign(new EventEmitter(), {
    opts: {},
    // The type of what is kept is checked by the store, as it is with a database.
    get: async <Value>(key: string) => rows.get(key) as Value | undefined,
    set: async (key: string, value: unknown) => void rows.set(key, String(value)),
    delete: async (key: string) => rows.delete(key),
    clear: async () => rows.clear(),
  });
  const result = await write(storeOn(adapter, createLogger('silent')));
  const database = await newDatabase(sqliteFile(String(stage.env.STATE_URL)), rows);
  await database.disconnect();
  return result;
}
