import { z } from 'zod';
import { jobStatusSchema, type Task, taskSchema } from '../kubeez/media.ts';
import type { Options } from './asked.ts';
import type { Flow } from './flow.ts';
import type { Call } from './recipes/recipe.ts';

/** The runs of a flow, and their sums. Pure. */

const jobSchema = z.object({
  ...jobStatusSchema.shape,
  id: z.string(),
  /** When it was first seen to be over, wholly or in part. Milliseconds since 1970. */
  overAt: z.number().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

const everyRun = {
  /** Its id among the models that were asked for. */
  model: z.string(),
  seed: z.number().nullable(),
  /** Its share of the quote; null before there is one, and where the platform started more than was asked for. */
  credits: z.number().nullable(),
  /** Which of the flow's paid calls begins it, counted from 1. A call may begin several runs. */
  call: z.number(),
  /** The task that its call was answered with. As long as the task goes on, it stands for the job; a job that is known has none. */
  task: taskSchema.optional(),
};

/** One job that is to be paid for. */
export const runSchema = z.discriminatedUnion('state', [
  z.object({ ...everyRun, state: z.literal('job'), job: jobSchema }),
  z.object({
    ...everyRun,
    state: z.enum([
      /** Its call is not made yet. */
      'waiting',
      /** Its call is made, and nothing is known of it yet. Only while the stage is `submitting`. */
      'begun',
      /** The answer to its call named a single job for several runs: another run has it. */
      'shared',
      /** It may exist and may have been charged: the answer was lost, and no job was found. */
      'unclear',
      /** Certainly never started: refused, or left out after others had begun. */
      'refused',
    ]),
  }),
]);
export type Run = z.infer<typeof runSchema>;
type RunState = Run['state'];

/** Jobs that one paid call begins. */
const jobsPerCall = ({ variant_count, languages }: Options) => variant_count ?? languages?.length ?? 1;

/** The runs that a flow begins with. Where there is a seed, each run has one of its own. */
export function newRuns(model: string, calls: number, options: Options): Run[] {
  const perCall = jobsPerCall(options);
  return Array.from({ length: calls * perCall }, (_, index) => ({
    model,
    seed: options.seed === undefined ? null : options.seed + index,
    credits: null,
    call: Math.floor(index / perCall) + 1,
    state: 'waiting',
  }));
}

/** A job as it begins. */
export const newJob = (id: string): Job => ({
  id,
  status: 'running',
  outputs: [],
  error: null,
  charged: null,
  seed: null,
  missing: [],
  overAt: null,
});

type WithRuns = Pick<Flow, 'runs'>;

/** Runs in any of these states. */
export const runsIn = ({ runs }: WithRuns, ...states: RunState[]) => runs.filter(({ state }) => states.includes(state));

/** The known jobs, in the order in which they became known. */
export const jobsOf = ({ runs }: WithRuns): Job[] => runs.flatMap((run) => (run.state === 'job' ? [run.job] : []));

/** The task that the call of a run was answered with, while it goes on: what it began is not known yet. */
export const openTask = (run: Run): Task | undefined =>
  run.state === 'job' && run.job.status === 'running' && run.job.id === run.task?.id ? run.task : undefined;

/** Runs with a task that goes on. */
export const openTasks = ({ runs }: WithRuns) =>
  runs.flatMap((run) => {
    const task = openTask(run);
    return task ? [{ ...run, task }] : [];
  });

/** Milliseconds that the server wants between two looks at the flow's tasks. */
export const taskPause = (flow: WithRuns) => Math.max(0, ...openTasks(flow).map(({ task }) => task.pause));

/** The runs with what the server wants by now. */
export const withPauses = (runs: Run[], tasks: Task[]): Run[] =>
  runs.map((run) => {
    const task = tasks.find(({ id }) => id === run.task?.id);
    return task ? { ...run, task } : run;
  });

/** The runs as before the answer to a paid call, where that was a task alone; else the same. */
export function withoutTask(runs: Run[], call: number): Run[] {
  if (openTasks({ runs }).every((run) => run.call !== call)) return runs;
  return runs.map((run) => {
    if (run.call !== call || (run.state !== 'shared' && !openTask(run))) return run;
    const { model, seed, credits, task } = run;
    return { model, seed, credits, call, ...(task ? { task } : {}), state: 'begun' };
  });
}

/** The runs that a paid call begins. */
export const runsOfCall = ({ runs }: WithRuns, call: number | undefined) => runs.filter((run) => run.call === call);

/** The next paid call; undefined when none is left. */
export const nextCall = (flow: WithRuns): number | undefined => runsIn(flow, 'waiting')[0]?.call;

/** The paid call that has no answer yet; undefined when none is under way. */
export const callUnderWay = (flow: WithRuns): number | undefined => runsIn(flow, 'begun')[0]?.call;

/** The runs of the paid call that is under way. */
export function callOf(flow: Flow, call: number): Call {
  const begun = runsIn(flow, 'begun').filter((run) => run.call === call);
  const [first] = begun;
  const { models } = flow.asked;
  const model = models.find(({ id }) => id === first?.model) ?? models[0];
  return { model, seed: first?.seed ?? null, count: begun.length };
}

/** Whether any paid call was made. */
export const hasBegun = ({ runs }: WithRuns) => runs.some(({ state }) => state !== 'waiting');

/** How many paid calls a flow makes in all. */
export const callsOf = ({ runs }: WithRuns) => new Set(runs.map(({ call }) => call)).size;

/** Credits, rounded to two decimals. */
export const cents = (credits: number) => Math.round(credits * 100) / 100;

/** What runs cost by the price that was confirmed. */
export const creditsOf = (runs: Run[]) => cents(runs.reduce((sum, { credits }) => sum + (credits ?? 0), 0));

/** Credits that were taken for the known jobs, in the platform's word; null where it does not say so of each. */
export const chargedFor = (flow: WithRuns): number | null =>
  jobsOf(flow).reduce<number | null>(
    (sum, { charged }) => (sum === null || charged === null ? null : sum + charged),
    0,
  );

/** Credits that the flow has cost as far as is known, in the platform's words or by the price that was confirmed. */
export const creditsTaken = (flow: Pick<Flow, 'runs' | 'money'>) =>
  flow.money.charged ?? creditsOf(runsIn(flow, 'begun', 'shared', 'job'));

/** The runs, with those that match put into another state; a run that has a job keeps it. */
export const withState = (
  runs: Run[],
  fits: Partial<Pick<Run, 'state' | 'call'>>,
  state: Exclude<RunState, 'job'>,
): Run[] =>
  runs.map((run) => {
    if (run.state === 'job') return run;
    const isMeant = (fits.state ?? run.state) === run.state && (fits.call ?? run.call) === run.call;
    if (!isMeant) return run;
    // Its next call has nothing to do with the task of an earlier one.
    const { task, ...others } = run;
    return { ...others, ...(task && state !== 'waiting' ? { task } : {}), state };
  });

/** The runs with what became of their jobs. */
export const withNews = (runs: Run[], news: (job: Job) => Job): Run[] =>
  runs.map((run) => (run.state === 'job' ? { ...run, job: news(run.job) } : run));

/**
 * The runs with the jobs that the answer to a paid call names; they belong to the runs of that call. If a look-up had given
 * one of these runs a job that the answer does not name, that job moves to another run that is unclear.
 *
 * @param task what it has in place of an answer, with the only one of the ids
 */
export function withAnswer(runs: Run[], call: number, ids: string[], task?: Task): Run[] {
  const own = runs.filter((run) => run.call === call);
  const guessed = own.filter((run) => run.state === 'job' && !ids.includes(run.job.id)).length;
  const others = runs.filter(
    (run) => run.call !== call && run.state === 'unclear' && own.some(({ model }) => model === run.model),
  );
  const free = [...own.filter(({ state }) => state !== 'job'), ...others.slice(0, guessed)];
  const known = withJobs(runs, ids, free, own[0]);
  // Several ids but fewer than were asked for: the rest was not started. A single one may stand for all.
  const rest = ids.length > 1 ? 'refused' : 'shared';
  const settled = withState(withState(known, { state: 'begun', call }, rest), { state: 'waiting', call }, rest);
  return task
    ? settled.map((run) => (run.state === 'job' && run.job.id === task.id ? { ...run, task } : run))
    : settled;
}

/** A job that a look-up found, and the model that makes it. */
export interface FoundJob {
  id: string;
  model: string;
}

/** The runs with jobs that a look-up found: each goes to a run of the same model whose answer was lost. */
export function withFound(runs: Run[], found: FoundJob[]): Run[] {
  return found.reduce((known, { id, model }) => {
    const same = known.filter((run) => run.model === model);
    return withJobs(known, [id], runsIn({ runs: same }, 'unclear', 'begun'), same[0]);
  }, runs);
}

/**
 * The runs with new jobs, given to runs that have none. A job too many becomes one more run, next to the one it is like,
 * because it may have been paid for. Known jobs come first, in the order in which they became known.
 */
function withJobs(runs: Run[], ids: string[], free: Run[], like = runs[0]): Run[] {
  const known = jobsOf({ runs }).map(({ id }) => id);
  const fresh = [...new Set(ids)].filter((id) => !known.includes(id));
  const given = new Map(free.slice(0, fresh.length).map((run, index) => [run, fresh[index]]));
  const more = like ? fresh.slice(free.length).map((id) => withJob({ ...like, seed: null, credits: null }, id)) : [];
  const next = runs.map((run) => withJob(run, given.get(run)));
  return [...runsIn({ runs: next }, 'job'), ...more, ...next.filter(({ state }) => state !== 'job')];
}

function withJob(run: Run, id: string | undefined): Run {
  if (id === undefined) return run;
  // A job may have the id of the task that began it: it is no task for that.
  const { task, ...others } = run;
  return { ...others, state: 'job', job: newJob(id) };
}
