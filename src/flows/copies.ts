import type { Accounts } from '../accounts/accounts.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Logger } from '../log.ts';
import type { Delivery } from './delivery.ts';
import type { Flow } from './flow.ts';
import { recipes } from './recipes/index.ts';

interface CopiesParts {
  accounts: Accounts;
  delivery: Delivery;
  log: Logger;
}

/** Results that are shown once more; the flow itself is over and stays as it is. */
export class Copies {
  readonly #parts: CopiesParts;

  constructor(parts: CopiesParts) {
    this.#parts = parts;
  }

  /** Brings the files of a delivered flow to another message. Gives whether they arrived. */
  async show(flow: Flow, card: Flow['card']): Promise<boolean> {
    const fresh = await this.fresh(flow);
    const event = await this.#parts.delivery.deliver(
      { ...fresh, card, attempts: Number.MAX_SAFE_INTEGER },
      flow.charged,
      true,
    );
    return event.type === 'posted';
  }

  /** The flow with the addresses its results have now: some lapse. Those that cannot be had anew stay as they are. */
  async fresh(flow: Flow): Promise<Flow> {
    const { accounts, log } = this.#parts;
    const { follow } = recipes[flow.recipe];
    const jobs = await Promise.all(
      flow.jobs.map(async (job) => {
        if (job.status !== 'completed' || flow.words !== null) return job;
        try {
          const { state, outputs } = await (await accounts.of(flow.account)).status(follow, job.id);
          return state === 'completed' ? { ...job, outputs } : job;
        } catch (err) {
          if (!(err instanceof KubeezError)) throw err;
          log.info({ err, flow: flow.id }, 'no fresh addresses');
          return job;
        }
      }),
    );
    return { ...flow, jobs };
  }
}
