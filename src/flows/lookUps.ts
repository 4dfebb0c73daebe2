import type { Kubeez, PastJob } from '../kubeez/kubeez.ts';
import type { Flow } from './flow.ts';
import type { FlowRecords } from './records.ts';

/** A row this much older or younger than the start cannot be its job, however wrong the platform's clock. Milliseconds. */
const before = 5 * 60_000;
const after = 15 * 60_000;

/** Finds the jobs of a start whose answer was lost, in the account's own history. Reads only. */
export class LookUps {
  readonly #records: FlowRecords;
  /** Starts that wait for their answer: a job like theirs may be theirs. */
  readonly #starting = new Map<string, Flow>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(records: FlowRecords) {
    this.#records = records;
  }

  /** While a flow's start is under way, no flow with the same request may take a job from the history. */
  holdBack(flow: Flow): () => void {
    this.#starting.set(flow.id, flow);
    return () => this.#starting.delete(flow.id);
  }

  /**
   * Ids of at most `wanted` jobs that the flow does not know of, claimed for it; none where there are none yet. Throws
   * KubeezError.
   */
  find(flow: Flow, kubeez: Kubeez, wanted: number): Promise<string[]> {
    // One at a time: two flows must not claim the same row.
    const found = this.#turn.then(() => this.#find(flow, kubeez, wanted));
    this.#turn = found.catch(() => undefined);
    return found;
  }

  async #find(flow: Flow, kubeez: Kubeez, wanted: number): Promise<string[]> {
    const startedAt = flow.submittedAt;
    if (startedAt === null || this.#hasTwin(flow)) return [];
    const rows = await kubeez.history(flow.model.id);
    const candidates = rows
      .filter((row) => isLike(row, flow))
      .flatMap(({ id, createdAt }) => {
        const late = (createdAt ?? Number.NaN) - startedAt;
        return late >= -before && late <= after ? [{ id, distance: Math.abs(late) }] : [];
      })
      .sort((a, b) => a.distance - b.distance);
    const found: string[] = [];
    for (const { id } of candidates) {
      if (found.length === wanted) break;
      const owner = await this.#records.claimedBy(id);
      if (owner !== undefined && owner !== flow.id) continue;
      await this.#records.claim(id, flow.id);
      found.push(id);
    }
    return found;
  }

  #hasTwin(flow: Flow): boolean {
    return [...this.#starting.values()].some(
      (other) => other.id !== flow.id && other.model.id === flow.model.id && other.prompt === flow.prompt,
    );
  }
}

/** A row that may be a job of the flow which the flow does not know yet. */
function isLike({ id, prompt, model }: PastJob, flow: Flow): boolean {
  if (flow.jobs.some((job) => job.id === id)) return false;
  if (model !== undefined && model !== flow.model.id) return false;
  return inOneLine(prompt ?? '') === inOneLine(flow.prompt);
}

/** The platform may keep a prompt without the spaces around it. */
const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
