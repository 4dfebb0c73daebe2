import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch, parsePatch } from 'diff';
import { buildWorker } from './build.ts';
import { playSeeds } from './players.ts';
import type { Ended } from './story.ts';
import { themeOf } from './troubles.ts';

/** Where the faults lie: one patch each, named after the number it had when it was first found. */
export const patches = 'test/mutants';
/** Seeds that a fault may need to be found. */
const maxSeeds = 1000;

/**
 * Puts each fault back on purpose, into a copy of the code, and plays stories until one breaks a promise that the code as
 * it is keeps. Gives an exit code: 1 when a fault was not found.
 *
 * @param only part of a patch's name, to hunt that one alone
 */
export async function huntMutants(root: string, folder: string, only = ''): Promise<number> {
  const names = readdirSync(join(root, patches)).filter((name) => name.endsWith('.patch') && name.includes(only));
  const begun = performance.now();
  const sound = await buildWorker(root, join(folder, 'sound'));
  const escaped: string[] = [];
  for (const name of names) {
    const { found, stories } = await hunt(name, root, join(folder, name.replace('.patch', '')), sound);
    if (!found) escaped.push(name);
    console.log(`${found ? 'found  ' : 'ESCAPED'} ${name} after ${stories} stories${found ? ` (${found})` : ''}`);
  }
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  console.log(`${names.length - escaped.length} of ${names.length} faults found in ${minutes} min`);
  return escaped.length > 0 ? 1 : 0;
}

/** @param sound the player of the code as it is */
async function hunt(name: string, root: string, copy: string, sound: string) {
  for (const part of ['src', 'playground', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  const patch = readFileSync(join(root, patches, name), 'utf8');
  for (const [file, text] of withFault(patch, root)) writeFileSync(join(copy, file), text);
  const mutant = await buildWorker(copy, join(copy, 'out'));
  const seeds = seedsFor(patch);
  let stories = 0;
  while (stories < seeds.length) {
    const suspects: Ended[] = [];
    await playSeeds(mutant, seeds.slice(stories), (ended) => {
      stories++;
      if (ended.broken.length > 0) suspects.push(ended);
      return suspects.length > 0;
    });
    const innocent = new Set<number>();
    await playSeeds(
      sound,
      suspects.map(({ seed }) => seed),
      ({ seed, broken }) => {
        if (broken.length === 0) innocent.add(seed);
        return undefined;
      },
    );
    const proof = suspects.find(({ seed }) => innocent.has(seed));
    if (proof) return { found: `seed ${proof.seed}: ${proof.broken[0]?.split('\n')[0]}`, stories };
  }
  return { found: undefined, stories };
}

/** The seeds that may find a fault: the first of those about what its patch names, if it names something. */
function seedsFor(patch: string): number[] {
  const about = /^Puts back fault \d+ \(about (\w+)\)/.exec(patch)?.[1];
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < maxSeeds; seed++)
    if (about === undefined || themeOf(seed) === about) seeds.push(seed);
  return seeds;
}

/**
 * The files that a patch changes, as they are with it, by their paths. Throws when it no longer fits: then the code has
 * changed, and the fault must be put into it anew.
 */
export function withFault(patch: string, root: string): Map<string, string> {
  const changed = parsePatch(patch).map((part): [string, string] => {
    const file = (part.newFileName ?? '').replace(/^b\//, '');
    const text = applyPatch(readFileSync(join(root, file), 'utf8'), part);
    if (text === false) throw new Error(`The fault no longer fits ${file}`);
    return [file, text];
  });
  return new Map(changed);
}
