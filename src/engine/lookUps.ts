import type { Flow } from '../flows/flow.ts';
import type { Kubeez, PastJob } from '../kubeez/kubeez.ts';
import type { FlowRecords } from './records.ts';

/** A row this much older or younger than the start cannot be its job, however wrong the platform's clock. Milliseconds. */
const before = 5 * 60_000;
const after = 15 * 60_000;

/** A flow that has not looked for so long has stopped looking. Milliseconds. */
const looksFor = 3 * 60_000;

/** A flow whose answer was lost, and how many jobs it misses. */
interface Looker {
  flow: Flow;
  wanted: number;
  startedAt: number;
  /** When it last looked. */
  at: number;
}

interface Row {
  id: string;
  createdAt: number;
}

/** Finds the jobs of a start whose answer was lost, in the account's own history. Reads only. */
export class LookUps {
  readonly #records: FlowRecords;
  readonly #now: () => number;
  /** Starts that wait for their answer: a job like theirs may be theirs. */
  readonly #starting = new Map<string, Flow>();
  readonly #looking = new Map<string, Looker>();
  #turn: Promise<unknown> = Promise.resolve();

  /** @param now the time, in milliseconds since 1970 */
  constructor(records: FlowRecords, now: () => number) {
    this.#records = records;
    this.#now = now;
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
    if (flow.submittedAt === null || wanted === 0) return Promise.resolve([]);
    const looker = { flow, wanted, startedAt: flow.submittedAt, at: this.#now() };
    // Known before its turn: who looks at the same time for the same words must not take what is this flow's.
    this.#looking.set(flow.id, looker);
    // One at a time: two flows must not claim the same row.
    const found = this.#turn.then(() => this.#find(looker, kubeez));
    this.#turn = found.catch(() => undefined);
    return found;
  }

  async #find(looker: Looker, kubeez: Kubeez): Promise<string[]> {
    const { flow, wanted, startedAt } = looker;
    if (this.#hasTwin(flow)) return [];
    const rows: Row[] = [];
    for (const row of await kubeez.history(flow.model.id)) {
      const { id, createdAt = Number.NaN } = row;
      const late = createdAt - startedAt;
      if (!isLike(row, flow) || !(late >= -before && late <= after)) continue;
      const owner = await this.#records.claimedBy(id);
      if (owner === undefined || owner === flow.id) rows.push({ id, createdAt });
    }
    const own = assigned(rows, this.#lookersLike(flow)).get(flow.id) ?? [];
    const found = own.slice(0, wanted);
    for (const id of found) await this.#records.claim(id, flow.id);
    if (found.length === wanted) this.#looking.delete(flow.id);
    return found;
  }

  /** Everybody who looks for a job like this flow's, the first that was started first. */
  #lookersLike(flow: Flow): Looker[] {
    const since = this.#now() - looksFor;
    for (const [id, { at }] of this.#looking) if (at < since) this.#looking.delete(id);
    return [...this.#looking.values()]
      .filter((one) => isSameRequest(one.flow, flow))
      .sort((a, b) => a.startedAt - b.startedAt);
  }

  #hasTwin(flow: Flow): boolean {
    return [...this.#starting.values()].some((other) => other.id !== flow.id && isSameRequest(other, flow));
  }
}

/**
 * Whose job each row is. Where as many are there as are missed, the order of the starts tells, however wrong the
 * platform's clock; otherwise a row belongs to the start that is nearest to it.
 */
function assigned(rows: Row[], lookers: Looker[]): Map<string, string[]> {
  const inOrder = [...rows].sort((a, b) => a.createdAt - b.createdAt);
  const places = lookers.flatMap(({ flow, wanted }) => Array.from({ length: wanted }, () => flow.id));
  const jobs = new Map<string, string[]>();
  const give = (flow: string, row: Row) => jobs.set(flow, [...(jobs.get(flow) ?? []), row.id]);
  if (inOrder.length === places.length) {
    for (const [index, row] of inOrder.entries()) give(places[index] ?? '', row);
    return jobs;
  }
  const distance = (row: Row, { startedAt }: Looker) => Math.abs(row.createdAt - startedAt);
  const pairs = inOrder.map((row) => {
    const [nearest] = [...lookers].sort((a, b) => distance(row, a) - distance(row, b));
    return { row, nearest };
  });
  const byDistance = pairs.flatMap(({ row, nearest }) =>
    nearest ? [{ row, nearest, far: distance(row, nearest) }] : [],
  );
  for (const { row, nearest } of byDistance.sort((a, b) => a.far - b.far)) give(nearest.flow.id, row);
  return jobs;
}

/** A row that may be a job of the flow which the flow does not know yet. */
function isLike({ id, prompt, model }: PastJob, flow: Flow): boolean {
  if (flow.jobs.some((job) => job.id === id)) return false;
  if (model !== undefined && model !== flow.model.id) return false;
  return inOneLine(prompt ?? '') === inOneLine(flow.prompt);
}

const isSameRequest = (one: Flow, other: Flow) =>
  one.account === other.account && one.model.id === other.model.id && inOneLine(one.prompt) === inOneLine(other.prompt);

/** The platform may keep a prompt without the spaces around it. */
const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
