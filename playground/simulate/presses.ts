import type { Button, Person } from '../discord/person.ts';

/** A press on Confirm, as the person saw it. */
interface ConfirmPress {
  flow: string;
  credits: number;
  by: string;
}

/** What people agreed to pay, in the words of the buttons they pressed. */
export class PressLog {
  readonly #confirms: ConfirmPress[] = [];

  note({ user }: Person, { label, custom_id }: Button): void {
    const flow = /^flow:confirm:(\w+)$/.exec(custom_id ?? '')?.[1];
    const credits = Number(/([\d.,]+) credits?$/.exec(label)?.[1]?.replaceAll(',', '') ?? Number.NaN);
    if (flow) this.#confirms.push({ flow, credits, by: user.id });
  }

  /** Uses up a press that stands behind a confirmation; gives whether there was one. */
  use(flow: string, credits: number, by: string): boolean {
    const index = this.#confirms.findIndex(
      (one) => one.flow === flow && one.by === by && Math.abs(one.credits - credits) < 0.005,
    );
    if (index < 0) return false;
    this.#confirms.splice(index, 1);
    return true;
  }
}
