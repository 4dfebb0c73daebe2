import type { Accounts } from '../accounts/accounts.ts';
import type { Clock } from '../clock.ts';
import type { Event } from '../flows/events.ts';
import { type Flow, isOpen } from '../flows/flow.ts';
import type { Reason } from '../flows/reasons.ts';
import { recipes } from '../flows/recipes/index.ts';
import { callOf, callUnderWay, creditsOf, openTasks, type Run, runsIn, runsOfCall } from '../flows/runs.ts';
import { times } from '../flows/times.ts';
import { isPassing, KubeezError, provesNothing } from '../kubeez/errors.ts';
import type { Kubeez, Started } from '../kubeez/kubeez.ts';
import type { Task } from '../kubeez/media.ts';
import type { Logger } from '../log.ts';
import type { Popularity } from '../state/popularity.ts';
import { LookUps } from './lookUps.ts';
import { reasonOf, unanswered } from './reasonOf.ts';
import type { FlowRecords } from './records.ts';
import type { OnSaved } from './runner.ts';
import { knownFor, Spending } from './spending.ts';

/** What came of a paid call. */
type OfCall = Extract<Event, { type: 'submitted' | 'submitRefused' | 'answerLost' }>;

/** A run with a task that goes on. */
type TaskRun = ReturnType<typeof openTasks>[number];

interface PaidCallParts {
  accounts: Accounts;
  records: Pick<FlowRecords, 'claim' | 'claimedBy'>;
  popularity: Popularity;
  clock: Clock;
}

/** The calls that spend credits, and finding out what became of those without an answer. */
export class PaidCalls {
  readonly #parts: PaidCallParts;
  readonly #tell: (flow: string, event: Event) => void;
  readonly #lookUps: LookUps;
  readonly #spending = new Spending();

  /** @param tell takes the next event of a flow */
  constructor(parts: PaidCallParts, tell: (flow: string, event: Event) => void) {
    this.#parts = parts;
    this.#tell = tell;
    this.#lookUps = new LookUps(parts.records, () => parts.clock.now());
  }

  /** The one call that spends. It runs once for each confirmed price, and is never repeated from here. */
  async submit(flow: Flow, call: number, log: Logger): Promise<void> {
    const { popularity, clock } = this.#parts;
    const begun = callOf(flow, call);
    this.#lookUps.holdBack(flow, begun.model.id, call);
    let isTask = false;
    try {
      const recipe = recipes[flow.recipe];
      const kubeez = await this.#payerOf(flow);
      const at = clock.now();
      const answer = await kubeez.start(recipe.start(flow, begun), recipe.patience);
      isTask = answer.task !== undefined;
      this.#tell(flow.id, this.#answered(flow, call, answer, at));
    } catch (error) {
      log.warn({ err: error }, 'start failed');
      return this.#tell(flow.id, await this.#failed(flow, call, error));
    } finally {
      if (!isTask) this.#lookUps.release(flow, call);
    }
    await popularity.count(flow.guild ?? flow.requester, begun.model.id);
  }

  /**
   * Asks for a task that a paid call was answered with. Gives it while it goes on; else the flow is told what came of the
   * call. Throws KubeezError.
   */
  async follow(flow: Flow, { call, task }: TaskRun, log: Logger): Promise<Task | undefined> {
    const event = await this.#endOf(flow, call, task, log);
    if (event.type === 'submitted' && event.task) return event.task;
    this.#tell(flow.id, event);
    return undefined;
  }

  /** Holds back what the tasks of an open flow have begun from whoever looks for the same, as long as they go on. */
  readonly onSaved: OnSaved = (before, after) => {
    for (const { call } of openTasks(before)) this.#lookUps.release(before, call);
    if (isOpen(after)) for (const { model, call } of openTasks(after)) this.#lookUps.holdBack(after, model, call);
  };

  /** What came of a call by its task; a task that goes on is given as it is now. Throws KubeezError. */
  async #endOf(flow: Flow, call: number, task: Task, log: Logger): Promise<OfCall> {
    const { tool, follow } = recipes[flow.recipe];
    const kubeez = await this.#parts.accounts.of(flow.account);
    const answer = await kubeez.task(task.id, tool, follow);
    if ('failure' in answer) {
      const { failure } = answer;
      log.warn({ err: failure }, 'start failed in its task');
      // The task ran: what would prove a refusal in an answer may be said of a job that was begun.
      return { type: 'answerLost', call, claim: failure.code === 'lost' ? null : reasonOf(failure) };
    }
    const { ids } = answer;
    // It counts from when the call was made: what was taken since may have been taken for it.
    const at = flow.wait.submittedAt ?? 0;
    return this.#answered(flow, call, { ...answer, ids: ids.length > 0 ? ids : [task.id] }, at);
  }

  /** @param at when the call was made, in milliseconds since 1970 */
  #answered(flow: Flow, call: number, answer: Started, at: number): OfCall {
    const { ids, ...others } = answer;
    // A result that came with the answer needs no name of the platform's.
    const jobs = ids.length > 0 ? ids : [`answer-${flow.id}`];
    // Whether a task was charged is not known before its end.
    if (others.task) return { type: 'submitted', call, jobs, ...others };
    const credits = creditsOf(runsOfCall(flow, call));
    this.#spending.note({ call: `${flow.id} ${call}`, account: flow.account, at, credits });
    const { records } = this.#parts;
    for (const id of ids) records.claim(id, flow.id);
    return { type: 'submitted', call, jobs, ...others };
  }

  async #failed(flow: Flow, call: number, error: unknown): Promise<OfCall> {
    if (!(error instanceof KubeezError) || provesNothing(error)) {
      const claim = error instanceof KubeezError && error.isClaim ? reasonOf(error) : null;
      return { type: 'answerLost', call, claim };
    }
    const again = await this.#mayTryAgain(error, flow, creditsOf(runsOfCall(flow, call)));
    return { type: 'submitRefused', call, again, reason: reasonOf(error) };
  }

  /**
   * The account by which the price was read, and no other. Throws KubeezError, which proves that nothing was sent: also
   * where the store cannot be read.
   */
  async #payerOf(flow: Flow): Promise<Kubeez> {
    const { accounts } = this.#parts;
    try {
      if (await accounts.isStill(flow)) return await accounts.of(flow.account);
    } catch (error) {
      throw error instanceof KubeezError ? error : new KubeezError('outage', '', error);
    }
    throw new KubeezError('unauthorized');
  }

  /**
   * Whether a refused start may be made again later. An outage here means that no connection could be made: nothing was
   * sent. In a burst of starts the platform may speak of missing credits that are there: the balance tells.
   *
   * @param price credits that the start costs
   */
  async #mayTryAgain(error: KubeezError, flow: Flow, price: number): Promise<boolean> {
    if (error.code !== 'insufficient') return isPassing(error) || error.code === 'unauthorized';
    try {
      const { credits } = await (await this.#parts.accounts.of(flow.account)).balance();
      return credits >= price;
    } catch {
      return false;
    }
  }

  /** Looks for jobs whose start had no answer. Gives what was found, or a proven refusal, or that there is nothing. */
  async lookUp(flow: Flow, log: Logger): Promise<Event | undefined> {
    try {
      const kubeez = await this.#parts.accounts.of(flow.account);
      const hasHistory = recipes[flow.recipe].isInHistory && kubeez.offers('history') !== false;
      const lost = runsIn(flow, 'unclear', 'begun');
      const answer = await this.#inTasks(flow, lost, log);
      if (answer) return answer;
      const jobs = hasHistory ? await this.#lookUps.find(flow, kubeez, lost) : [];
      if (jobs.length > 0) return { type: 'found', jobs };
      const { claim } = flow.wait;
      const refusal = claim ? await this.#proven(claim, flow, kubeez, hasHistory) : undefined;
      if (refusal === 'contradicted') return { type: 'notFound', hasHistory, isCharged: true };
      return refusal ?? { type: 'notFound', hasHistory };
    } catch (error) {
      const reason = unanswered(error, log);
      return flow.stage === 'unclear' || flow.stage === 'delivered' ? { type: 'checkFailed', reason } : undefined;
    }
  }

  /** The answer that one of these runs has in its task after all: the server may have lost sight of it for a while. */
  async #inTasks(flow: Flow, lost: Run[], log: Logger): Promise<Event | undefined> {
    for (const { call, task } of lost) {
      if (!task) continue;
      try {
        const event = await this.#endOf(flow, call, task, log);
        if (event.type === 'submitted') return event;
      } catch (error) {
        // What the history knows is looked for all the same.
        unanswered(error, log);
      }
    }
    return undefined;
  }

  /**
   * The refusal that a tool's words claim, if the balance bears it out: nothing was taken but for what this process is
   * known to have started besides. Before another try it must be the same to the credit, for a top-up or a refund may
   * hide a charge, and it must be looked at soon: a job that was begun all the same may fail and get its credits back.
   * Later only the history tells, once it had its time. Something that was taken contradicts them. Throws KubeezError.
   */
  async #proven(
    claim: Reason,
    flow: Flow,
    kubeez: Kubeez,
    hasHistory: boolean,
  ): Promise<Event | 'contradicted' | undefined> {
    const { quote } = flow.money;
    const { submittedAt, lookUps } = flow.wait;
    const call = callUnderWay(flow);
    if (!quote || call === undefined) return undefined;
    // A task may end hours after the balance was read.
    const isLate = this.#parts.clock.now() - quote.at > knownFor;
    if (isLate && runsOfCall(flow, call).some(({ task }) => task)) return undefined;
    // The balance of another account tells nothing.
    if (!(await this.#parts.accounts.isStill(flow))) return undefined;
    const { credits } = await kubeez.balance();
    const change = credits - (quote.balance - this.#spending.since(flow.account, quote.at));
    const isUnjust = claim.code === 'insufficient' && credits >= quote.credits;
    const again = isUnjust || ['busy', 'outage', 'unauthorized'].includes(claim.code);
    const isSoon = this.#parts.clock.now() - (submittedAt ?? 0) <= times.claimHolds;
    const isTold = isSoon || (hasHistory && lookUps >= times.lookUpPauses.length);
    const isProven = again ? isTold && Math.abs(change) < cent : change > -cent;
    if (isProven) return { type: 'submitRefused', call, again, reason: claim };
    return change <= -cent ? 'contradicted' : undefined;
  }
}

/** Half of the smallest part of a credit: what is closer than this is equal. */
const cent = 0.005;
