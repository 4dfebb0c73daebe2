import { setTimeout } from 'node:timers/promises';
import DataLoader from 'dataloader';
import type { ReadQueue } from './budget.ts';
import { KubeezError } from './errors.ts';
import type { JobStatus } from './media.ts';

interface Question {
  id: string;
  /** What the platform took for the job is wanted, which the history alone tells. */
  wantsCharge: boolean;
}

interface Reads {
  /** Whether the server tells of the account's latest jobs at all. Throws KubeezError. */
  hasLatest(): Promise<boolean>;
  /** The account's latest jobs, by id. */
  latest(): Promise<Map<string, JobStatus>>;
  one(id: string): Promise<JobStatus>;
}

/** From this many jobs on, reading the history is cheaper than reading each job. */
const manyJobs = 3;
/** Milliseconds to wait for other questions, so that jobs that began together are read together. */
const gathering = 100;

/**
 * Follows many media jobs with few reads: those that are asked for while a read waits for its turn share one look into
 * the account's history. What is not among the latest there is asked for by itself.
 */
export class JobWatch {
  readonly #queue: ReadQueue;
  readonly #reads: Reads;
  readonly #loader: DataLoader<Question, JobStatus | undefined>;

  constructor(queue: ReadQueue, reads: Reads) {
    this.#queue = queue;
    this.#reads = reads;
    this.#loader = new DataLoader((questions) => this.#answers(questions), {
      cache: false,
      // Refused once the queue was stopped: whoever waits is answered all the same.
      batchScheduleFn: (dispatch) =>
        void queue.run('watching', () => setTimeout(gathering).then(dispatch)).catch(dispatch),
    });
  }

  /**
   * How a job stands. Throws KubeezError.
   *
   * @param wantsCharge whether it matters what was taken for it
   */
  async status(id: string, wantsCharge = false): Promise<JobStatus> {
    const status = await this.#loader.load({ id, wantsCharge });
    return status ?? this.#queue.run('watching', () => this.#reads.one(id));
  }

  /** One read for those who share a turn; undefined for each that has to be asked for in a turn of its own. */
  async #answers(questions: readonly Question[]): Promise<(JobStatus | Error | undefined)[]> {
    const isWorthALook = questions.length >= manyJobs || questions.some(({ wantsCharge }) => wantsCharge);
    if (isWorthALook && (await this.#reads.hasLatest())) {
      const latest = await this.#reads.latest();
      return questions.map(({ id }) => latest.get(id));
    }
    // The first one's read fails for the first alone.
    const [first, ...others] = questions;
    return [first && (await this.#reads.one(first.id).catch(asValue)), ...others.map(() => undefined)];
  }
}

/** An error that concerns one question of several is given back in its place. */
function asValue(error: unknown): KubeezError {
  if (error instanceof KubeezError) return error;
  throw error;
}
