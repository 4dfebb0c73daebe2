import type { Flow } from '../flows/flow.ts';
import { type FoundJob, jobsOf, openTasks, type Run } from '../flows/runs.ts';
import { sentPrompt } from '../flows/style.ts';
import type { Kubeez, PastJob } from '../kubeez/kubeez.ts';
import type { FlowRecords } from './records.ts';

/** A row this much older or newer than the start cannot be its job, however wrong the platform's clock is. Milliseconds. */
const before = 5 * 60_000;
const after = 15 * 60_000;

/** After so long without a look-up, a flow is taken to have stopped looking. Milliseconds. */
const looksFor = 3 * 60_000;

/** What identifies a job: its flow, its model, and what was asked. */
interface Asked {
  flow: string;
  account: string;
  model: string;
  prompt: string;
}

/** A flow that misses jobs of a model because answers were lost, and how many. */
interface Looker extends Asked {
  wanted: number;
  startedAt: number;
  /** When it last looked. */
  at: number;
}

interface Row {
  id: string;
  createdAt: number;
}

/** Finds the jobs of starts whose answer was lost, in the account's own history. Reads only. */
export class LookUps {
  readonly #records: Pick<FlowRecords, 'claim' | 'claimedBy'>;
  readonly #now: () => number;
  /** Starts that wait for their answer, or have a task in its place: a job like theirs may be theirs. By flow and call. */
  readonly #starting = new Map<string, Asked>();
  /** By flow and model. */
  readonly #looking = new Map<string, Looker>();
  #turn: Promise<unknown> = Promise.resolve();
  /** Who reads the history now, and whether a start of the same request began meanwhile. */
  #reading: { asked: Asked; hasTwin: boolean } | undefined;

  /** @param now the time, in milliseconds since 1970 */
  constructor(records: Pick<FlowRecords, 'claim' | 'claimedBy'>, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  /** While a flow's start is under way, no flow with the same request may take a job from the history. */
  holdBack(flow: Flow, model: string, call: number): void {
    const start = askedOf(flow, model);
    this.#starting.set(`${flow.id} ${call}`, start);
    if (this.#reading && isTwin(start, this.#reading.asked)) this.#reading.hasTwin = true;
  }

  /** What came of a start is known, or is nobody's to find any more. */
  release({ id }: Pick<Flow, 'id'>, call: number): void {
    this.#starting.delete(`${id} ${call}`);
  }

  /**
   * Jobs that the flow does not know of and that these of its runs may have begun, each found by its own model. They are
   * claimed for the flow; where there are none yet, none are given. Throws KubeezError.
   */
  async find(flow: Flow, kubeez: Pick<Kubeez, 'history'>, lost: Run[]): Promise<FoundJob[]> {
    const { submittedAt } = flow.wait;
    if (submittedAt === null) return [];
    // What a task of its own has begun is not known yet: it would be taken for what is missing.
    const working = new Set(openTasks(flow).map(({ model }) => model));
    const models = [...new Set(lost.map(({ model }) => model))].filter((model) => !working.has(model));
    const found = models.map(async (model) => {
      const wanted = lost.filter((run) => run.model === model).length;
      const looker = { ...askedOf(flow, model), wanted, startedAt: submittedAt, at: this.#now() };
      const ids = await this.#inTurn(
        looker,
        jobsOf(flow).map(({ id }) => id),
        kubeez,
      );
      return ids.map((id) => ({ id, model }));
    });
    return (await Promise.all(found)).flat();
  }

  #inTurn(looker: Looker, known: string[], kubeez: Pick<Kubeez, 'history'>): Promise<string[]> {
    // Known before its turn: who looks at the same time for the same words must not take what is this flow's.
    this.#looking.set(keyOf(looker), looker);
    // One at a time: two flows must not claim the same row.
    const found = this.#turn.then(() => this.#find(looker, known, kubeez));
    this.#turn = found.catch(() => undefined);
    return found;
  }

  /** @param known ids of jobs that the flow knows of */
  async #find(looker: Looker, known: string[], kubeez: Pick<Kubeez, 'history'>): Promise<string[]> {
    const { flow, model, wanted, startedAt } = looker;
    const reading = { asked: looker, hasTwin: [...this.#starting.values()].some((start) => isTwin(start, looker)) };
    if (reading.hasTwin) return [];
    this.#reading = reading;
    const rows: Row[] = [];
    for (const row of await kubeez.history(model)) {
      const { id, createdAt = Number.NaN } = row;
      const late = createdAt - startedAt;
      if (known.includes(id) || !isLike(row, looker) || !(late >= -before && late <= after)) continue;
      const owner = await this.#records.claimedBy(id);
      if (owner === undefined || owner === flow) rows.push({ id, createdAt });
    }
    // What was read may be of a start that nobody has claimed yet.
    if (reading.hasTwin) return [];
    const own = assigned(rows, this.#lookersLike(looker)).get(flow) ?? [];
    const found = own.slice(0, wanted);
    for (const id of found) this.#records.claim(id, flow);
    if (found.length === wanted) this.#looking.delete(keyOf(looker));
    return found;
  }

  /** Everybody who looks for a job like this, the first that was started first. */
  #lookersLike(asked: Asked): Looker[] {
    const since = this.#now() - looksFor;
    for (const [key, { at }] of this.#looking) if (at < since) this.#looking.delete(key);
    return [...this.#looking.values()]
      .filter((one) => isSameRequest(one, asked))
      .sort((a, b) => a.startedAt - b.startedAt);
  }
}

/**
 * Which flow each row belongs to. Where there are as many rows as missing jobs, they are matched in order, so that a wrong
 * clock of the platform does not matter; otherwise each row goes to the start nearest to it in time.
 */
function assigned(rows: Row[], lookers: Looker[]): Map<string, string[]> {
  const inOrder = [...rows].sort((a, b) => a.createdAt - b.createdAt);
  const missed = lookers.flatMap(({ flow, wanted }) => Array.from({ length: wanted }, () => flow));
  const jobs = new Map<string, string[]>();
  const give = (flow: string, row: Row) => jobs.set(flow, [...(jobs.get(flow) ?? []), row.id]);
  if (inOrder.length === missed.length) {
    for (const [index, row] of inOrder.entries()) give(missed[index] ?? '', row);
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
  for (const { row, nearest } of byDistance.sort((a, b) => a.far - b.far)) give(nearest.flow, row);
  return jobs;
}

const askedOf = ({ id, account, asked }: Flow, model: string): Asked => ({
  flow: id,
  account,
  model,
  prompt: inOneLine(sentPrompt(asked)),
});

const keyOf = ({ flow, model }: Asked) => `${flow} ${model}`;

/** A row that may be a job of what was asked. */
const isLike = ({ prompt = '', model }: PastJob, asked: Asked) =>
  (model === undefined || model === asked.model) && inOneLine(prompt) === asked.prompt;

const isSameRequest = (one: Asked, other: Asked) =>
  one.account === other.account && one.model === other.model && one.prompt === other.prompt;

/** Whether a start of another flow asks for the same. */
const isTwin = (start: Asked, asked: Asked) => start.flow !== asked.flow && isSameRequest(start, asked);

/** The platform may keep a prompt without the spaces around it. */
const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
