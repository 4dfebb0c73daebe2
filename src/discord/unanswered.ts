import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks whether anybody still waits: those who act at the same moment arrive within less. */
const lookEvery = 20;
/** Looks at most, so that nothing is held up by an answer that does not get through. */
const maxLooks = 15;

/**
 * The interactions whose sender waits for an answer. Discord gives each of them three seconds, and everybody else has time: what
 * only follows from an answer waits until all who came together have theirs.
 */
export class Unanswered {
  readonly #ids = new Set<string>();
  #looking: Promise<void> | undefined;

  /** An interaction has arrived. */
  add(id: string): void {
    this.#ids.add(id);
  }

  /** It is answered, or will not be. */
  remove(id: string): void {
    this.#ids.delete(id);
  }

  /** Resolves when nobody waits for an answer, after 300 milliseconds at the latest. */
  none(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    for (let looks = 0; looks < maxLooks; looks++) {
      await sleep(lookEvery);
      if (this.#ids.size === 0) return;
    }
  }
}
