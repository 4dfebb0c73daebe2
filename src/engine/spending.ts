interface Accepted {
  account: string;
  /** When the call began, in milliseconds since 1970. */
  at: number;
  credits: number;
}

/** Older starts are forgotten: a price is always read again before it is this old. */
const keptFor = 10 * 60_000;

/**
 * What this process has started lately on each account. With it a balance tells whether one more start was charged, where
 * the platform's own words leave that open.
 */
export class Spending {
  #accepted: Accepted[] = [];

  /** Takes note of a start that the platform accepted. */
  note(accepted: Accepted): void {
    this.#accepted = [...this.#accepted.filter(({ at }) => at > accepted.at - keptFor), accepted];
  }

  /** Credits that starts of an account took which began after a moment (milliseconds since 1970). */
  since(account: string, moment: number): number {
    return this.#accepted
      .filter((one) => one.account === account && one.at > moment)
      .reduce((sum, { credits }) => sum + credits, 0);
  }
}
