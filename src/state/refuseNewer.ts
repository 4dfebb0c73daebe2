import { z } from 'zod';
import type { Logger } from '../log.ts';
import { t } from '../text/text.ts';
import { StartRefused } from './lease.ts';
import type { Store } from './store.ts';
import { knownVersions, newestKnown } from './versions.ts';

const noteSchema = z.object({ v: z.literal(1), newest: z.record(z.string(), z.number()) });
const noteKey = 'versions';

/** Where a restore into Redis notes that it has not come to its end. */
export const cutOffKey = 'restoring';

/**
 * Looks whether a later version of the bot has used this store, and notes what this one writes. Throws
 * {@link StartRefused} where there may be records that this one does not understand: among them may be paid work, which
 * it would leave undone; and where a restore was cut off.
 */
export async function refuseNewer(store: Store, log: Logger): Promise<void> {
  if (await store.get(cutOffKey, z.unknown())) throw new StartRefused(t('start.restoreCutOff'));
  const newest = (await store.get(noteKey, noteSchema))?.newest ?? {};
  if (Object.entries(newest).some(([kind, version]) => version > newestKnown(kind)))
    throw new StartRefused(t('start.newerStore'));
  if (Object.entries(knownVersions).every(([kind, version]) => newest[kind] === version)) return;
  // A store that takes nothing right now may hold paid work all the same.
  const note = { v: 1, newest: { ...newest, ...knownVersions } };
  await store.set(noteKey, note).catch((err) => log.warn({ err }, 'the versions of the records could not be noted'));
}
