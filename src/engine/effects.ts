import type { Accounts } from '../accounts/accounts.ts';
import type { Clock } from '../clock.ts';
import type { Messages } from '../discord/messages.ts';
import type { CheckedJob, Effect, Event } from '../flows/events.ts';
import type { Flow } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import { cents, jobsOf, openTasks } from '../flows/runs.ts';
import { callSentence, endSentence } from '../flows/sentences.ts';
import { times } from '../flows/times.ts';
import type { Gate } from '../guilds/gate.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import type { SpendLimits } from '../guilds/spendLimits.ts';
import type { Catalogue } from '../kubeez/catalogue.ts';
import type { Downloads } from '../kubeez/download.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Kubeez } from '../kubeez/kubeez.ts';
import type { Transfers } from '../kubeez/transfer.ts';
import type { Logger } from '../log.ts';
import type { Popularity } from '../state/popularity.ts';
import type { Preferences } from '../state/preferences.ts';
import { speaking } from '../text/text.ts';
import type { Asks } from './asks.ts';
import { CheckLine } from './checkLine.ts';
import type { Delivery } from './delivery.ts';
import type { Drawer } from './drawer.ts';
import { mayMention } from './mayMention.ts';
import { PaidCalls } from './paidCalls.ts';
import { priceOf } from './price.ts';
import { reasonOf, unanswered } from './reasonOf.ts';
import type { FlowRecords } from './records.ts';
import type { Refunds } from './refunds.ts';
import { retryPause } from './retryPause.ts';
import type { OnSaved } from './runner.ts';
import { endUpload, sendLink, tellOfLink } from './uploadLink.ts';

export interface EffectParts {
  accounts: Accounts;
  catalogue: Catalogue;
  messages: Messages;
  drawer: Drawer;
  asks: Pick<Asks, 'show'>;
  delivery: Delivery;
  records: FlowRecords;
  popularity: Popularity;
  downloads: Downloads;
  preferences: Preferences;
  guildSettings: Pick<GuildSettings, 'of'>;
  transfers: Transfers;
  spendLimits: Pick<SpendLimits, 'room'>;
  gate: Pick<Gate, 'mayGoOn'>;
  refunds: Pick<Refunds, 'watch'>;
  clock: Clock;
  log: Logger;
}

/** Does what only the requester of a flow reads; everything else is in the language of the card. */
const toRequester = <Result>({ languages }: Flow, work: () => Result): Result => speaking(languages.requester, work);

/** Carries out what steps ask for, and tells the flow the outcome as an event. */
export class Effects {
  readonly #parts: EffectParts;
  readonly #tell: (flow: string, event: Event) => void;
  readonly #paidCalls: PaidCalls;
  readonly #checks: CheckLine;
  /** Effects of a flow under way that would only get in their own way if begun twice. */
  readonly #underWay = new Set<string>();

  /** @param tell takes the next event of a flow */
  constructor(parts: EffectParts, tell: (flow: string, event: Event) => void) {
    this.#parts = parts;
    this.#tell = tell;
    this.#paidCalls = new PaidCalls(parts, tell);
    this.#checks = new CheckLine({
      load: (id) => parts.records.load(id),
      check: async (flow) => {
        const event = await this.#check(flow, parts.log.child({ flow: flow.id }));
        if (event) this.#told(flow, event);
      },
      log: parts.log,
    });
  }

  /** Does one effect. Throws only on a bug; every expected outcome becomes an event. */
  async act(effect: Effect, flow: Flow, log: Logger): Promise<void> {
    switch (effect.do) {
      case 'draw':
        return this.#parts.drawer.draw(flow, effect.canWait);
      case 'submit':
        return this.#paidCalls.submit(flow, effect.call, log);
      case 'price':
        return this.#once(`price:${flow.id}:${flow.money.round}`, async () => {
          const event = await priceOf(flow, effect.fresh, this.#parts);
          if (event) this.#told(flow, event);
        });
      case 'check':
        return this.#checks.run(flow);
      case 'checkRefund':
        return this.#parts.refunds.watch(flow);
      case 'ask':
        return this.#parts.asks.show(flow);
      case 'mention':
        return this.#once(`mention:${effect.about}:${flow.id}`, () => this.#mention(flow, effect.about));
      case 'endUpload':
        return toRequester(flow, () => endUpload(flow, effect, this.#parts.messages));
      default:
        return this.#once(`${effect.do}:${flow.id}`, async () => {
          const event = await this.#eventOf(effect.do, flow, log);
          if (event) this.#told(flow, event);
        });
    }
  }

  /** To be told of every change of a flow. */
  get onSaved(): OnSaved {
    return this.#paidCalls.onSaved;
  }

  /** Begins no more looks at jobs. */
  stop(): void {
    this.#checks.stop();
  }

  #eventOf(
    what: Exclude<
      Effect['do'],
      'draw' | 'submit' | 'price' | 'check' | 'checkRefund' | 'endUpload' | 'ask' | 'mention'
    >,
    flow: Flow,
    log: Logger,
  ): Promise<Event | undefined> {
    switch (what) {
      case 'findCard':
        return this.#findCard(flow, log);
      case 'lookAtFiles':
        return this.#lookAtFiles(flow);
      case 'openUpload':
        return this.#openUpload(flow);
      case 'sendLink':
        return toRequester(flow, () => sendLink(flow, this.#parts.messages, this.#parts.clock.now()));
      case 'tellOfLink':
        return toRequester(flow, () => tellOfLink(flow, this.#parts.messages, this.#parts.clock.now()));
      case 'transfer':
        return this.#transfer(flow, log);
      case 'readUpload':
        return this.#readUpload(flow, log);
      case 'lookUp':
        return this.#paidCalls.lookUp(flow, log);
      case 'deliver':
        return this.#deliver(flow);
    }
  }

  #told(flow: Flow, event: Event): void {
    this.#tell(flow.id, event);
  }

  /** The client of the account that pays for a flow. Throws KubeezError. */
  #kubeezOf(flow: Flow): Promise<Kubeez> {
    return this.#parts.accounts.of(flow.account);
  }

  async #once(key: string, task: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    await task().finally(() => this.#underWay.delete(key));
  }

  /** Discord's own word on a file is only a guess from its name. */
  async #lookAtFiles(flow: Flow): Promise<Event> {
    const urls = [...flow.asked.inputs, ...flow.asked.attachments].flatMap(({ url, claimedType }) =>
      claimedType === undefined ? [] : [url],
    );
    const types = await Promise.all(urls.map(async (url) => [url, await this.#parts.downloads.typeOf(url)] as const));
    const seen = types.flatMap(([url, type]) => (type === undefined ? [] : [[url, type] as const]));
    return { type: 'filesLookedAt', types: Object.fromEntries(seen) };
  }

  async #openUpload(flow: Flow): Promise<Event> {
    try {
      const kubeez = await this.#kubeezOf(flow);
      return { type: 'uploadOpened', ...(await kubeez.uploadUrl(flow.asked.models[0].id)) };
    } catch (error) {
      if (error instanceof KubeezError) return { type: 'uploadRefused', reason: reasonOf(error) };
      throw error;
    }
  }

  async #transfer(flow: Flow, log: Logger): Promise<Event | undefined> {
    const { transfers } = this.#parts;
    const { session } = flow.upload;
    if (!session?.direct) return { type: 'transferFailed' };
    const { token, direct } = session;
    try {
      // A transfer that was cut short by a restart may have arrived.
      const { files } = await (await this.#kubeezOf(flow)).uploadSession(token);
      const isThere = files.length > 0 || (await transfers.send(direct, token, flow.asked.attachments));
      return { type: isThere ? 'transferred' : 'transferFailed' };
    } catch (error) {
      return { type: 'uploadUnread', reason: unanswered(error, log) };
    }
  }

  async #readUpload(flow: Flow, log: Logger): Promise<Event | undefined> {
    const { session } = flow.upload;
    if (!session) return undefined;
    try {
      return {
        type: 'uploadSeen',
        ...(await (await this.#kubeezOf(flow)).uploadSession(session.token)),
      };
    } catch (error) {
      if (error instanceof KubeezError && ['notFound', 'invalid'].includes(error.code))
        return { type: 'uploadRefused', reason: { code: 'uploadGone' } };
      return { type: 'uploadUnread', reason: unanswered(error, log) };
    }
  }

  async #check(flow: Flow, log: Logger): Promise<Event | undefined> {
    const { clock } = this.#parts;
    const tasks = openTasks(flow);
    const open = jobsOf(flow).filter(
      ({ id, status }) => status === 'running' && tasks.every(({ task }) => task.id !== id),
    );
    try {
      const kubeez = await this.#kubeezOf(flow);
      const [asked, read] = await Promise.all([
        Promise.allSettled(tasks.map((run) => this.#paidCalls.follow(flow, run, log))),
        Promise.allSettled(
          open.map(async ({ id }) => ({ id, ...(await kubeez.status(recipes[flow.recipe].follow, id)) })),
        ),
      ]);
      const heard = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const jobs = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const failed = [...asked, ...read].find((one) => one.status === 'rejected');
      // One job that cannot be read does not hold back the others.
      if (failed && heard.length + jobs.length === 0) throw failed.reason;
      if (failed) unanswered(failed.reason, log);
      const working = heard.flatMap((task) => task ?? []);
      // The flow was told of the tasks that have ended: there is nothing else to say.
      if (tasks.length > 0 && working.length + jobs.length === 0) return undefined;
      const checked = await Promise.all(jobs.map((job) => this.#withRefund(job, flow, kubeez)));
      return { type: 'checked', jobs: checked, ...(working.length > 0 ? { tasks: working } : {}) };
    } catch (error) {
      const isFresh = clock.now() - (flow.wait.running?.since ?? 0) < times.freshId;
      // A fresh id may be unknown to the platform for a moment: that is no failure.
      if (error instanceof KubeezError && error.code === 'notFound' && isFresh) return { type: 'checked', jobs: [] };
      return { type: 'checkFailed', reason: unanswered(error, log) };
    }
  }

  /**
   * A failed job is usually given back. Where its status does not say so, the history may: only that nothing was taken is
   * believed, because what it still has as taken may be given back a moment later.
   */
  async #withRefund(job: CheckedJob, flow: Flow, kubeez: Kubeez): Promise<CheckedJob> {
    if (job.status !== 'failed' || job.charged !== null || recipes[flow.recipe].follow !== 'media') return job;
    try {
      return (await kubeez.charged(job.id)) === 0 ? { ...job, charged: 0 } : job;
    } catch (error) {
      if (error instanceof KubeezError) return job;
      throw error;
    }
  }

  async #deliver(flow: Flow): Promise<Event> {
    const { delivery } = this.#parts;
    let charges: Record<string, number> = {};
    const event = await delivery.deliver(flow, async () => {
      if (flow.money.charged !== null) return flow.money.charged;
      const read = await this.#chargesSoon(flow);
      charges = read ?? {};
      return read && cents(Object.values(read).reduce((sum, one) => sum + one, 0));
    });
    return event.type === 'posted' ? { ...event, charges } : event;
  }

  /** Calls whoever waited for long: it is over, or they have to say something. */
  async #mention(flow: Flow, about: Extract<Effect, { do: 'mention' }>['about']): Promise<void> {
    const { messages } = this.#parts;
    const { channel, message } = flow.card;
    // Where the card is lost, the message in its place names the requester.
    if (message === null || !(await mayMention(flow, this.#parts))) return;
    const content = about === 'end' ? endSentence(flow) : callSentence(about, flow);
    const nonce = about === 'end' ? `${flow.id}-over` : `${flow.id}-${about}-${flow.approval.version}`;
    await messages.create(channel, { content }, nonce, { replyTo: message, mention: flow.requester });
  }

  /** As `chargesOf`, but null where that takes longer than a result may be held up for it. */
  async #chargesSoon(flow: Flow): Promise<Record<string, number> | null> {
    const { clock } = this.#parts;
    let cancel = () => {};
    const tooLong = new Promise<null>((resolve) => {
      cancel = clock.wakeAt(clock.now() + times.chargeHoldsUp, () => resolve(null));
    });
    return Promise.race([this.#chargesOf(flow), tooLong]).finally(() => cancel());
  }

  /**
   * What the history says was taken for each job, by its id; null where it does not say so of all. A nicety, so any trouble
   * just leaves it out.
   */
  async #chargesOf(flow: Flow): Promise<Record<string, number> | null> {
    if (recipes[flow.recipe].follow !== 'media') return null;
    try {
      const kubeez = await this.#kubeezOf(flow);
      const charges = await Promise.all(
        jobsOf(flow).map(async ({ id }): Promise<[string, number | null]> => [id, await kubeez.charged(id)]),
      );
      const known = charges.flatMap(([id, charged]) => (charged === null ? [] : [[id, charged] as const]));
      return known.length === charges.length ? Object.fromEntries(known) : null;
    } catch {
      return null;
    }
  }

  /**
   * Looks for the card that answered the command. While Discord cannot be reached it is looked for again, as long as the
   * command's token can be used: without its card a flow can show nothing.
   *
   * @param before how many attempts have failed
   */
  async #findCard(flow: Flow, log: Logger, before = 0): Promise<Event | undefined> {
    const { messages, clock } = this.#parts;
    if (clock.now() > flow.reply.until) return { type: 'neverShown' };
    const found = await messages.answerOf(flow.reply.application, flow.reply.token);
    if (found.ok) return { type: 'cardPosted', message: found.message };
    if (found.problem !== 'unreachable') return { type: 'neverShown' };
    const again = () =>
      this.#findCard(flow, log, before + 1).then(
        (event) => event && this.#told(flow, event),
        (err) => log.error({ err }, 'card not looked for'),
      );
    clock.wakeAt(clock.now() + retryPause(before), () => void again());
    return undefined;
  }
}
