import type { ReadQueue } from './budget.ts';
import { isPassing } from './errors.ts';
import type { JobStatus } from './kubeez.ts';

interface Asked {
  id: string;
  tries: number;
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
const triesMost = 3;
const retryAfter = 500;

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

  /** How a job stands. Throws KubeezError. */
  status(id: string): Promise<JobStatus> {
    return new Promise((tell, fail) => {
      this.#waiting.push({ id, tries: 0, isOld: false, tell, fail });
      this.#getInLine();
    });
  }

  #getInLine(): void {
    if (this.#isInLine || this.#waiting.length === 0) return;
    this.#isInLine = true;
    void this.#queue.run('watching', async () => {
      this.#isInLine = false;
      const batch = this.#take();
      // The next read waits for its own turn, not for the answer to this one.
      this.#getInLine();
      await this.#answer(batch);
    });
  }

  /** All that one look into the history may answer, or whoever waits longest. */
  #take(): Asked[] {
    const recent = this.#waiting.filter(({ isOld }) => !isOld);
    if (recent.length < manyJobs) return this.#waiting.splice(0, 1);
    const rest = this.#waiting.filter(({ isOld }) => isOld);
    this.#waiting.splice(0, this.#waiting.length, ...rest);
    return recent;
  }

  async #answer(batch: Asked[]): Promise<void> {
    const [only, ...others] = batch;
    try {
      if (!only) return;
      if (others.length === 0) {
        only.tell(await this.#reads.one(only.id));
        return;
      }
      const latest = await this.#reads.latest();
      for (const asked of batch) {
        const status = latest.get(asked.id);
        if (status) asked.tell(status);
        else this.#again({ ...asked, isOld: true });
      }
    } catch (error) {
      for (const asked of batch) this.#failed(asked, error);
    }
  }

  #failed(asked: Asked, error: unknown): void {
    const tries = asked.tries + 1;
    if (!isPassing(error) || tries >= triesMost) {
      asked.fail(error);
      return;
    }
    const pause = retryAfter * 3 ** asked.tries * (1 + Math.random());
    setTimeout(() => this.#again({ ...asked, tries }), pause).unref();
  }

  #again(asked: Asked): void {
    this.#waiting.push(asked);
    this.#getInLine();
  }
}
