import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { t } from '../text/text.ts';
import { RedisLease } from './redisLease.ts';
import { SqliteLease } from './sqliteLease.ts';
import { sqliteFile } from './stateUrl.ts';

/**
 * A process's right to act for its shards on a store. Two processes that acted on the same flows would pay twice, so
 * nobody connects, reads or writes without it.
 */
export interface Lease {
  /** Takes it, once. Gives the shards that it was had for; undefined when it could not. Throws when the store cannot be asked. */
  take(): Promise<Shards | undefined>;
  /** Resolves when it is held; throws when it is not, or the store cannot be asked. */
  assertHeld(): Promise<void>;
  /** The same as an answer. */
  isHeld(): Promise<boolean>;
  /** Gives it up, so that the next process waits for nothing. Never throws. */
  release(): Promise<void>;
}

/** The shards that a process runs, and how many there are in all. */
export interface Shards {
  ids: readonly number[];
  count: number;
}

/** The shards that a process would run: all of these, or one of them, whichever comes free first. */
export interface WantedShards extends Shards {
  isOneEnough: boolean;
}

/** The only shard there is: whoever has it has every server. */
export const everyShard: WantedShards = { ids: [0], count: 1, isOneEnough: false };

/** Why this process may not run, as one sentence for whoever started it. */
export class StartRefused extends Error {
  override name = 'StartRefused';
}

/** The refusal of a file that cannot be opened or written. */
export function unusable(file: string, cause: unknown): StartRefused {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return new StartRefused(t('start.unusableFile', { file, code: code || 'SQLITE' }), { cause });
}

/** A second process waits this long for the first to stop: a rolling restart. Milliseconds. */
const patience = 20_000;
const askEvery = 250;
/** A spare asks more rarely, because it may wait for weeks. */
const spareAskEvery = 1_000;
/** A store that cannot be reached is tried again after this long, without an end: it may be back at any moment. */
const awayEvery = 2_000;

interface Wishes {
  stateUrl: string;
  shards: WantedShards;
  log: Logger;
  /** Told once, when another process has the lease now. */
  onLost(): void;
  /** Told once, when every shard has a process and this one waits as a spare. */
  onSpare?(): void;
  /** By how much everything is waited for longer than usual; less than 1: shorter. */
  waitFactor?: number;
  /** The lease to take; by the store's kind when left out. */
  lease?: Lease | undefined;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

/**
 * Takes the lease of a store for these shards, and gives it with those that it is for. Waits for a process that has it, but
 * not for long; throws {@link StartRefused} when that one goes on, and the signal's reason when it is aborted. Whoever
 * takes any shard waits as long as none is free.
 */
export async function takeLease(wishes: Wishes): Promise<{ lease: Lease; shards: Shards }> {
  const { stateUrl, shards: wanted, log, waitFactor = 1, signal } = wishes;
  const isSpare = wanted.isOneEnough;
  const lease = leaseOf(wishes);
  let waited = 0;
  let isToldOf: 'waiting' | 'away' | undefined;
  const tell = (what: 'waiting' | 'away', say: () => void) => {
    if (isToldOf !== what) say();
    isToldOf = what;
  };
  const pause = (milliseconds: number) => setTimeout(milliseconds * waitFactor, undefined, { signal });
  try {
    for (;;) {
      try {
        signal?.throwIfAborted();
        const shards = await lease.take();
        if (shards) {
          if (isSpare) log.info({ shards: shards.ids, of: shards.count }, 'a shard is free; this process runs it');
          return { lease, shards };
        }
      } catch (err) {
        signal?.throwIfAborted();
        // A file that cannot be used is no outage.
        if (stateUrl.startsWith('sqlite:')) throw unusable(sqliteFile(stateUrl), err);
        tell('away', () => log.error({ err }, 'the store cannot be asked who runs on it; trying again'));
        await pause(awayEvery);
        continue;
      }
      if (isSpare) {
        tell('waiting', () => {
          log.info({ of: wanted.count }, 'a spare: every shard has a process; waiting until one is free');
          wishes.onSpare?.();
        });
        await pause(spareAskEvery);
        continue;
      }
      if (waited >= patience) throw new StartRefused(inUse(wishes));
      tell('waiting', () =>
        log.warn({ seconds: patience / 1000 }, 'another process runs on this store; waiting for it'),
      );
      await pause(askEvery);
      waited += askEvery;
    }
  } catch (error) {
    await lease.release();
    throw error;
  }
}

/** The sentence for a second process. The address of the store may hold a password, so only its kind is named. */
function inUse({ stateUrl, shards }: Wishes): string {
  const isFile = stateUrl.startsWith('sqlite:');
  const said = { store: isFile ? 'sqlite' : 'redis', place: isFile ? sqliteFile(stateUrl) : '' } as const;
  return shards.ids.length < shards.count
    ? t('start.inUseShards', { ...said, shards: shards.ids.join(', '), count: shards.count })
    : t('start.inUse', said);
}

const leaseOf = ({ stateUrl, shards, log, onLost, lease }: Wishes): Lease =>
  lease ??
  (stateUrl.startsWith('sqlite:')
    ? new SqliteLease(sqliteFile(stateUrl), shards, onLost)
    : new RedisLease({ url: stateUrl, shards, log, onLost }));
