import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One import of a file: of another file (`src/flows/flow.ts`), or of a package (`zod`). */
export interface Import {
  from: string;
  to: string;
  /** Whether it is for types alone, and so is gone when the program runs. */
  isType: boolean;
  /** Whether it is loaded only when the program comes to it (`import(…)`). */
  isLater: boolean;
}

/** Every source file below a folder. Biome keeps imports in one shape, so that they need no parser. */
export function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
}

/** What one file imports. */
export function importsOf(file: string): Import[] {
  const source = readFileSync(file, 'utf8');
  const statements = source.matchAll(/^(?:import|export) (type )?(?:[\w*{][^;'"]*? from )?'([^']+)'/gm);
  const calls = source.matchAll(/\bimport\((?:\n\s*)?'([^']+)'/g);
  const found = [
    ...[...statements].map(([, type, to = '']) => ({ to, isType: type !== undefined, isLater: false })),
    ...[...calls].map(([, to = '']) => ({ to, isType: false, isLater: true })),
  ];
  return found.map(({ to, ...how }) => ({ from: file, to: to.startsWith('.') ? join(dirname(file), to) : to, ...how }));
}
