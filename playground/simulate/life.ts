/** One process of the bot, from its start to its end. What it does after that reaches nobody. */
export class Life {
  isOver = false;
  readonly number: number;
  readonly #dies: (where: string) => boolean;
  readonly #onDeath: (where: string) => void;

  /**
   * @param dies whether the process is killed where that is asked
   * @param onDeath told where it was killed
   */
  constructor(number: number, dies: (where: string) => boolean, onDeath: (where: string) => void) {
    this.number = number;
    this.#dies = dies;
    this.#onDeath = onDeath;
  }

  /** A point at which the process may be killed. */
  mayDie(where: string): void {
    if (!this.isOver && this.#dies(where)) this.die(where);
  }

  die(where: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#onDeath(where);
  }

  /** Resolves at once while the process lives, and never after that. */
  goesOn(): Promise<void> {
    return this.isOver ? new Promise(() => {}) : Promise.resolve();
  }
}
