import { setTimeout } from 'node:timers/promises';
import type { ReadQueue } from './budget.ts';
import type { JobStatus } from './jobStatus.ts';

interface Asked {
  id: string;
  /** What the platform took for the job is wanted, which the history alone tells. */
  wantsCharge: boolean;
  /** Not among the latest of the history: it has to be asked for by itself. */
  isOld: boolean;
  tell(status: JobStatus): void;
  fail(error: unknown): void;
}

interface Reads {
  /** The account's latest jobs, by id. */
  latest(): Promise<Map<string, JobStatus>>;
  one(id: string): Promise<JobStatus>;
}

/** From this many on, one look into the history is cheaper than a read for each. */
const manyJobs = 3;
/** Jobs that were begun together are asked for together: milliseconds to wait for the others. */
const gathering = 100;

/**
 * Follows many media jobs with few reads: those that are asked for while a read waits for its turn share one look into
 * the account's history. What is not among the latest there is asked for by itself.
 */
export class JobWatch {
  readonly #queue: ReadQueue;
  readonly #reads: Reads;
  readonly #waiting: Asked[] = [];
  #isInLine = false;

  constructor(queue: ReadQueue, reads: Reads) {
    this.#queue = queue;
    this.#reads = reads;
  }

  /**
   * How a job stands. Throws KubeezError.
   *
   * @param wantsCharge whether it matters what was taken for it
   */
  status(id: string, wantsCharge = false): Promise<JobStatus> {
    return new Promise((tell, fail) => {
      this.#waiting.push({ id, wantsCharge, isOld: false, tell, fail });
      this.#getInLine();
    });
  }

  #getInLine(): void {
    if (this.#isInLine || this.#waiting.length === 0) return;
    this.#isInLine = true;
    void this.#queue.run('watching', async () => {
      await setTimeout(gathering);
      this.#isInLine = false;
      const batch = this.#take();
      // The next read waits for its own turn, not for the answer to this one.
      this.#getInLine();
      await this.#answer(batch);
    });
  }

  /** Whoever waits longest, and all that the same look into the history may answer. */
  #take(): Asked[] {
    const recent = this.#waiting.filter(({ isOld }) => !isOld);
    const isWorthALook = recent.length >= manyJobs || recent.some(({ wantsCharge }) => wantsCharge);
    if (this.#waiting[0]?.isOld || !isWorthALook) return this.#waiting.splice(0, 1);
    const rest = this.#waiting.filter(({ isOld }) => isOld);
    this.#waiting.splice(0, this.#waiting.length, ...rest);
    return recent;
  }

  async #answer(batch: Asked[]): Promise<void> {
    const [first] = batch;
    try {
      if (!first) return;
      if (batch.length === 1 && !first.wantsCharge) return first.tell(await this.#reads.one(first.id));
      const latest = await this.#reads.latest();
      for (const asked of batch) {
        const status = latest.get(asked.id);
        if (status) asked.tell(status);
        else this.#waiting.push({ ...asked, wantsCharge: false, isOld: true });
      }
      this.#getInLine();
    } catch (error) {
      for (const asked of batch) asked.fail(error);
    }
  }
}
