import type { Button, Person } from '../discord/person.ts';
import { trueTime } from './virtualTime.ts';

/** A press on Confirm, as the person saw it. */
interface ConfirmPress {
  flow: string;
  credits: number;
  by: string;
}

/** What people agreed to pay, in the words of the buttons they pressed. */
export class PressLog {
  readonly #confirms: ConfirmPress[] = [];

  /** When each message was last pressed on, in milliseconds since 1970. */
  readonly #times = new Map<string, number>();

  /** When a message was last pressed on, in milliseconds since 1970; 0 if never. */
  lastOn = (message: string) => this.#times.get(message) ?? 0;

  note({ user }: Person, message: string, { label, custom_id }: Button): void {
    this.#times.set(message, trueTime());
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
