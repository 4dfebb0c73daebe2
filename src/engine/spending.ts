interface Accepted {
  /** Whose start it was: one that is noted once more counts once. */
  call: string;
  account: string;
  /** When the call began, in milliseconds since 1970. */
  at: number;
  credits: number;
}

/** Milliseconds for which starts are known. A price is read again before it is this old; only a task may end later. */
export const knownFor = 10 * 60_000;

/**
 * What this process has started lately on each account. With it a balance tells whether one more start was charged, where
 * the platform's own words leave that open.
 */
export class Spending {
  #accepted: Accepted[] = [];

  /** Takes note of a start that the platform accepted. */
  note(accepted: Accepted): void {
    const others = this.#accepted.filter(({ call, at }) => call !== accepted.call && at > accepted.at - knownFor);
    this.#accepted = [...others, accepted];
  }

  /** Credits that starts of an account took which began after a moment (milliseconds since 1970). */
  since(account: string, moment: number): number {
    return this.#accepted
      .filter((one) => one.account === account && one.at > moment)
      .reduce((sum, { credits }) => sum + credits, 0);
  }
}
