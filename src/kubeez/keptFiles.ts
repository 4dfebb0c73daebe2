import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../log.ts';

/** A file with more bytes than it may have. */
export class TooLarge extends Error {
  override name = 'TooLarge';
}

/** A file that was kept: its first bytes show its type. */
interface Kept<File> {
  file: File;
  bytes: number;
  head: Buffer;
}

/** Keeps what comes, at most `maxBytes`. Throws {@link TooLarge}, and what reading or writing throws. */
export type Keep<File> = (body: Readable, maxBytes: number) => Promise<Kept<File>>;

/** Files that are kept until they are sent, as often as that is tried. */
export interface KeptFiles {
  keep: Keep<Blob>;
  /** Removes them all. Never throws. */
  remove(): Promise<void>;
}

/** A place for the files of one result. */
export type OpenFiles = () => KeptFiles;

/** Bytes in which a file shows its type. */
export const headBytes = 4100;

/** What passes, at most `maxBytes` of it, and how it began. */
function watched(body: Readable, maxBytes: number) {
  const seen = { bytes: 0, head: Buffer.alloc(0) };
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      seen.bytes += piece.length;
      if (seen.bytes > maxBytes) throw new TooLarge();
      if (seen.head.length < headBytes) seen.head = Buffer.concat([seen.head, piece]).subarray(0, headBytes);
      yield piece;
    }
  }
  return { seen, pieces };
}

/** In memory, as a whole. */
export const keepInMemory: Keep<Buffer<ArrayBuffer>> = async (body, maxBytes) => {
  const { seen, pieces } = watched(body, maxBytes);
  const all: Buffer[] = [];
  for await (const piece of pieces()) all.push(piece);
  return { ...seen, file: Buffer.concat(all) };
};

const asBlob: Keep<Blob> = async (body, maxBytes) => {
  const kept = await keepInMemory(body, maxBytes);
  return { ...kept, file: new Blob([kept.file]) };
};

/** Files in memory. */
export const inMemory: OpenFiles = () => ({ keep: asBlob, remove: async () => {} });

const folderName = 'kubeez-discord-';

/** Milliseconds after which a folder was left by a process that died: no delivery takes so long. */
const leftAfter = 3_600_000;

/** Milliseconds for which nothing more is written to a disk that took nothing. */
const spared = 600_000;

/** What a disk says that takes nothing; what breaks off on the network says something else. */
const ofTheDisk = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'ENOENT', 'ENOTDIR', 'EACCES', 'EMFILE']);
const isOfTheDisk = (error: unknown) => error instanceof Error && 'code' in error && ofTheDisk.has(String(error.code));

/** Removes what processes that died have left. Never throws. */
async function removeLeft(log: Logger): Promise<void> {
  try {
    // There may be many others.
    for (const name of (await readdir(tmpdir())).filter((one) => one.startsWith(folderName))) {
      const folder = join(tmpdir(), name);
      if ((await stat(folder)).mtimeMs < Date.now() - leftAfter) await rm(folder, { recursive: true, force: true });
    }
  } catch (err) {
    log.debug({ err }, 'results that an earlier process left were not looked for');
  }
}

/**
 * Files on disk, in the system's folder for temporary files (`TMPDIR`): however many results are on their way, memory holds
 * none of them as a whole. In memory where nothing can be written there. What an earlier process left there is removed.
 */
export function onDisk(log: Logger): OpenFiles {
  let sparedUntil = 0;
  const spare = (err: unknown) => {
    sparedUntil = Date.now() + spared;
    log.warn({ err }, 'results on their way cannot be written to the disk: for ten minutes they are held in memory');
  };
  void removeLeft(log);
  return () => {
    let folder: Promise<string | undefined> | undefined;
    let files = 0;
    const make = (): Promise<string | undefined> =>
      mkdtemp(join(tmpdir(), folderName)).catch((error) => {
        spare(error);
        return undefined;
      });
    return {
      async keep(body, maxBytes) {
        if (Date.now() < sparedUntil) return asBlob(body, maxBytes);
        folder ??= make();
        const place = await folder;
        if (place === undefined) return asBlob(body, maxBytes);
        const path = join(place, String(++files));
        const { seen, pieces } = watched(body, maxBytes);
        try {
          await pipeline(pieces, createWriteStream(path, { mode: 0o600 }));
          return { ...seen, file: await openAsBlob(path) };
        } catch (error) {
          // Whoever asks again has it in memory.
          if (isOfTheDisk(error)) spare(error);
          await rm(path, { force: true }).catch(() => undefined);
          throw error;
        }
      },
      async remove() {
        const place = await folder;
        if (place === undefined) return;
        await rm(place, { recursive: true, force: true }).catch((err) => log.warn({ err }, 'results not removed'));
      },
    };
  };
}
