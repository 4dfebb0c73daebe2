import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Flow } from './flow.ts';
import type { FlowRecords } from './records.ts';

/** A row of the history this much older or younger than the start cannot be its job. Milliseconds. */
const before = 60_000;
const after = 10 * 60_000;

/** Finds the job of a start whose answer was lost, in the account's own history. Reads only. */
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

  /** The job's id, claimed for this flow; undefined when there is none yet. Throws KubeezError. */
  find(flow: Flow, kubeez: Kubeez): Promise<string | undefined> {
    // One at a time: two flows must not claim the same row.
    const found = this.#turn.then(() => this.#find(flow, kubeez));
    this.#turn = found.catch(() => undefined);
    return found;
  }

  async #find(flow: Flow, kubeez: Kubeez): Promise<string | undefined> {
    const startedAt = flow.submittedAt;
    if (startedAt === null || this.#hasTwin(flow)) return undefined;
    const rows = await kubeez.history(flow.model.id);
    const candidates = rows.flatMap(({ id, prompt, model, createdAt }) => {
      if (prompt !== flow.prompt || (model !== undefined && model !== flow.model.id) || createdAt === undefined)
        return [];
      const late = createdAt - startedAt;
      return late >= -before && late <= after ? [{ id, distance: Math.abs(late) }] : [];
    });
    for (const { id } of candidates.sort((a, b) => a.distance - b.distance)) {
      const owner = await this.#records.claimedBy(id);
      if (owner !== undefined && owner !== flow.id) continue;
      await this.#records.claim(id, flow.id);
      return id;
    }
    return undefined;
  }

  #hasTwin(flow: Flow): boolean {
    return [...this.#starting.values()].some(
      (other) => other.id !== flow.id && other.model.id === flow.model.id && other.prompt === flow.prompt,
    );
  }
}
