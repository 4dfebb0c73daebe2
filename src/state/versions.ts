import { z } from 'zod';

/** The newest version of the records that this bot knows, by how their keys begin; of all others the first is. */
export const knownVersions: Record<string, number> = { flow: 2 };

const firstVersion = 1;
const versioned = z.looseObject({ v: z.number() });

/** The newest version that this bot knows of records with this key, which has no namespace before it. */
export const newestKnown = (key: string): number => knownVersions[key.split(':')[0] ?? ''] ?? firstVersion;

/** Whether a later version of the bot wrote this record: it is sound, and to be left as it is. */
export function isNewer(key: string, record: unknown): boolean {
  // What was set aside is kept as it was found, whatever that is.
  if (key.startsWith('aside:')) return false;
  const read = versioned.safeParse(record);
  return read.success && read.data.v > newestKnown(key);
}
