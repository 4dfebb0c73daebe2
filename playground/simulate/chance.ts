import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Chance that is the same for the same seed. */
export class Chance {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
    // The first numbers of neighbouring seeds are alike.
    for (let left = 16; left > 0; left--) this.below(2);
  }

  /** A whole number from 0 to just below `bound`. */
  below(bound: number): number {
    return uniformInt(this.#generator, 0, bound - 1);
  }

  /** From 0 to just below 1. */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  /** Whether something happens that happens with this probability. */
  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** From `least` to `most`, more often small than large. */
  skewed(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.fraction());
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('There is nothing to pick from');
    return item;
  }

  /** One of the keys, by their weights. */
  weighted<Name extends string>(weights: Partial<Record<Name, number>>): Name {
    const entries = Object.entries<number | undefined>(weights) as [Name, number][];
    let left = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return (entries.at(-1) ?? this.pick(entries))[0];
  }

  /** Another source, which goes on by itself. */
  branch(): Chance {
    return new Chance(this.below(2 ** 31));
  }
}
