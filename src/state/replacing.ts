import { existsSync, renameSync, rmSync, statSync } from 'node:fs';

/** Where a whole database waits to take the place of the one that the bot uses. */
export const nextOf = (file: string) => `${file}.next`;

/**
 * Puts the database that waits in the place of the present one, which is kept beside it under a dated name. A kill in the
 * middle leaves neither half: whoever opens the store next does the rest. Gives the name under which the old one is kept;
 * undefined when none waits.
 */
export function replaceByNext(file: string): string | undefined {
  const next = nextOf(file);
  if (!existsSync(next)) return undefined;
  // Of the file that waits, so that it is the same name after a kill.
  const aside = `${file}.${statSync(next).mtime.toISOString().replace(/[:.]/g, '-')}`;
  for (const end of ['', '-wal']) if (existsSync(file + end)) renameSync(file + end, aside + end);
  rmSync(`${file}-shm`, { force: true });
  renameSync(next, file);
  return aside;
}
