import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch, parsePatch } from 'diff';
import { buildWorker } from './build.ts';
import { playSeeds, range } from './players.ts';

/** Where the faults lie: one patch each, named after the number it had when it was first found. */
const patches = 'test/mutants';
/** Seeds that a fault may need to be found. */
const maxSeeds = 1000;

/**
 * Puts each fault back on purpose, into a copy of the code, and plays stories until one breaks a promise. Gives an exit
 * code: 1 when a fault was not found.
 *
 * @param only part of a patch's name, to hunt that one alone
 */
export async function huntMutants(root: string, folder: string, only = ''): Promise<number> {
  const names = readdirSync(join(root, patches)).filter((name) => name.endsWith('.patch') && name.includes(only));
  const escaped: string[] = [];
  const begun = performance.now();
  for (const name of names) {
    const copy = join(folder, name.replace('.patch', ''));
    for (const part of ['src', 'playground', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    putBack(readFileSync(join(root, patches, name), 'utf8'), copy);
    const worker = await buildWorker(copy, join(copy, 'out'));
    let played = 0;
    let found = '';
    await playSeeds(worker, range(1, maxSeeds), ({ broken, seed }) => {
      played++;
      if (broken[0] === undefined) return undefined;
      found ||= `seed ${seed}: ${broken[0].split('\n')[0]}`;
      return true;
    });
    if (!found) escaped.push(name);
    console.log(`${found ? 'found  ' : 'ESCAPED'} ${name} after ${played} stories${found ? ` (${found})` : ''}`);
  }
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  console.log(`${names.length - escaped.length} of ${names.length} faults found in ${minutes} min`);
  return escaped.length > 0 ? 1 : 0;
}

/** Applies a patch to a copy. Throws when it no longer fits: then the code has changed, and the fault must be put anew. */
function putBack(patch: string, copy: string): void {
  for (const part of parsePatch(patch)) {
    const file = join(copy, (part.newFileName ?? '').replace(/^b\//, ''));
    const changed = applyPatch(readFileSync(file, 'utf8'), part);
    if (changed === false) throw new Error(`A mutant no longer fits ${part.newFileName}`);
    writeFileSync(file, changed);
  }
}
