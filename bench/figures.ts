import { cpus, release, type } from 'node:os';
import { exponentOf, isAtMostLinear, type Point } from './exponent.ts';
import type { Figure, Growth, Results } from './results.ts';

/** Collects what the parts of a run measure, and says it as it comes. */
export class Figures {
  readonly #begun = performance.now();
  readonly #figures: Figure[] = [];
  readonly #growth: Growth[] = [];

  /** Notes a figure. `bound` is `–` where there is none. */
  note(what: string, measured: string, bound: string, holds: boolean): void {
    this.#figures.push({ what, measured, bound, holds });
    console.log(`${this.#clock()}  ${what}: ${measured} (${bound})${holds ? '' : '  NO'}`);
  }

  /**
   * Notes how a cost grows, and works out the exponent.
   *
   * @param points the fewest first
   * @param noise by how much two measurements of the same may differ
   */
  grew({ by, what, unit, points, noise }: Omit<Growth, 'exponent' | 'holds'>): void {
    const rounded = points.map(({ count, cost }): Point => ({ count, cost: Number(cost.toPrecision(4)) }));
    const exponent = exponentOf(rounded, noise);
    const holds = isAtMostLinear(rounded, noise);
    this.#growth.push({
      by,
      what,
      unit,
      points: rounded,
      noise: Number(noise.toPrecision(2)),
      exponent: exponent === undefined ? null : Number(exponent.toFixed(2)),
      holds,
    });
    const costs = rounded.map(({ count, cost }) => `${count}: ${cost}`).join(', ');
    const said = exponent === undefined ? 'none seen' : exponent.toFixed(2);
    console.log(`${this.#clock()}  ${what} (${unit}) by ${by}: ${costs}; exponent ${said}${holds ? '' : '  NO'}`);
  }

  /** Everything so far, with the machine it was measured on. */
  results(): Results {
    return {
      date: new Date().toISOString().slice(0, 10),
      node: process.versions.node,
      machine: {
        cores: cpus().length,
        processor: cpus()[0]?.model.trim() ?? 'unknown',
        system: `${type()} ${release()}`,
      },
      seconds: Math.round((performance.now() - this.#begun) / 1000),
      figures: this.#figures,
      growth: this.#growth,
    };
  }

  #clock(): string {
    return `${((performance.now() - this.#begun) / 1000).toFixed(0).padStart(4)} s`;
  }
}
