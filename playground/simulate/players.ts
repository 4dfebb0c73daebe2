import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Ended } from './story.ts';

/** Stories leave much garbage: with room for it, it is rarely collected. */
const flags = ['--max-semi-space-size=64', '--single-threaded-gc'];

/**
 * Plays seeds on all processors, and tells of each as it ends. Resolves when all have, or when `onEnded` says that it is
 * enough by giving true.
 *
 * @param isForReading whether errors name lines of the source, which takes a sixth longer
 */
export async function playSeeds(
  worker: string,
  seeds: Iterable<number>,
  onEnded: (ended: Ended) => boolean | undefined,
  isForReading = false,
): Promise<void> {
  const all = [...seeds];
  const left = all.values();
  let isEnough = false;
  const player = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(worker, { execArgv: isForReading ? [...flags, '--enable-source-maps'] : flags });
      let playing: number | undefined;
      const next = () => {
        const seed = isEnough ? undefined : left.next().value;
        playing = seed;
        if (seed === undefined) child.disconnect();
        else child.send(seed);
      };
      child.on('message', (message: Ended | 'ready') => {
        if (message !== 'ready') isEnough ||= onEnded(message) ?? false;
        next();
      });
      child.once('exit', (code) => {
        if (playing === undefined && code === 0) resolve();
        else reject(new Error(`The player of seed ${playing ?? '–'} ended with ${code}`));
      });
    });
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), all.length) }, player));
}

/** The whole numbers from `from` to `to`. */
export function* range(from: number, to: number): Iterable<number> {
  for (let seed = from; seed <= to; seed++) yield seed;
}
