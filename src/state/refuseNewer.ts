import pRetry from 'p-retry';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { t } from '../text/text.ts';
import { StartRefused } from './lease.ts';
import { BrokenRecord, NewerRecord, type Store } from './store.ts';
import { knownVersions, newestKnown } from './versions.ts';

const noteSchema = z.object({ v: z.literal(1), newest: z.record(z.string(), z.number()) });
const noteKey = 'versions';

/** Where a restore into Redis notes that it has not come to its end. */
export const cutOffKey = 'restoring';

/** A store that is away is asked again after so long, without an end: it may be back at any moment. Milliseconds. */
const awayEvery = 2_000;

interface Waiting {
  /** By how much everything is waited for longer than usual; less than 1: shorter. */
  waitFactor: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

/**
 * Looks whether a later version of the bot has used this store, and notes what this one writes; waits for a store that is
 * away. Throws {@link StartRefused} where there may be records that this one does not understand: among them may be paid
 * work, which it would leave undone; and where a restore was cut off. Throws the signal's reason when it is aborted.
 */
export function refuseNewer(store: Store, log: Logger, { waitFactor, signal }: Waiting): Promise<void> {
  return pRetry(() => refuse(store, log), {
    retries: Number.POSITIVE_INFINITY,
    factor: 1,
    minTimeout: awayEvery * waitFactor,
    ...(signal ? { signal } : {}),
    shouldRetry: ({ error }) => !(error instanceof StartRefused),
    onFailedAttempt: ({ error, attemptNumber }) => {
      if (attemptNumber === 1 && !(error instanceof StartRefused))
        log.error({ err: error }, 'the store cannot be asked which versions have used it; trying again');
    },
  });
}

async function refuse(store: Store, log: Logger): Promise<void> {
  if (await store.get(cutOffKey, z.unknown())) throw new StartRefused(t('start.restoreCutOff'));
  const newest = await newestIn(store);
  if (Object.entries(newest).some(([kind, version]) => version > newestKnown(kind)))
    throw new StartRefused(t('start.newerStore'));
  if (Object.entries(knownVersions).every(([kind, version]) => newest[kind] === version)) return;
  // A store that takes nothing right now may hold paid work all the same.
  const note = { v: 1, newest: { ...newest, ...knownVersions } };
  await store.set(noteKey, note).catch((err) => log.warn({ err }, 'the versions of the records could not be noted'));
}

/** The newest versions that were noted. A note that is damaged was set aside, and is written anew. */
async function newestIn(store: Store): Promise<Record<string, number>> {
  try {
    return (await store.get(noteKey, noteSchema))?.newest ?? {};
  } catch (error) {
    if (error instanceof NewerRecord) throw new StartRefused(t('start.newerStore'));
    if (error instanceof BrokenRecord) return {};
    throw error;
  }
}
