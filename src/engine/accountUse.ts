import type { Flow } from '../flows/flow.ts';

/** After the end of a flow, credits of it may still come back for so long. Milliseconds. */
const settlesWithin = 5 * 60_000;

/** The flows that use an account. */
interface Use {
  /** Flows with a start or a job under way, or unclear. */
  active: Set<string>;
  /** The two flows that ended last, and when. */
  ended: { flow: string; at: number }[];
}

/** When flows used an account: its balance tells what became of one flow’s credits only if no other used it meanwhile. */
export class AccountUse {
  readonly #now: () => number;
  readonly #since: number;
  readonly #uses = new Map<string, Use>();

  /** @param now the time, in milliseconds since 1970; what was before the first call is not known */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** Takes note of a flow as it was saved. */
  note(flow: Flow): void {
    const { id, account } = flow;
    const use = this.#uses.get(account) ?? { active: new Set(), ended: [] };
    if (isUsing(flow)) {
      use.active.add(id);
      this.#uses.set(account, use);
    } else if (use.active.delete(id)) {
      const others = use.ended.filter((one) => one.flow !== id);
      use.ended = [{ flow: id, at: this.#now() }, ...others].slice(0, 2);
    }
  }

  /** Whether it is certain that no other flow used a flow's account since a moment (milliseconds since 1970). */
  wasAlone({ id, account }: Flow, since: number): boolean {
    if (since - settlesWithin < this.#since) return false;
    const { active, ended } = this.#uses.get(account) ?? { active: new Set<string>(), ended: [] };
    if ([...active].some((other) => other !== id)) return false;
    return ended.every(({ flow, at }) => flow === id || at + settlesWithin < since);
  }
}

const isUsing = ({ runs }: Flow) =>
  runs.some((run) =>
    run.state === 'job' ? run.job.status === 'running' : run.state === 'begun' || run.state === 'unclear',
  );
