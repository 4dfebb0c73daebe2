import { setImmediate } from 'node:timers/promises';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import pTimeout from 'p-timeout';
import type { Clock } from '../clock.ts';
import { change } from '../flows/change.ts';
import { cleared, mayClear } from '../flows/clearing.ts';
import type { AnswerEvent, ChangeEvent, Effect, Event, PressEvent, Step } from '../flows/events.ts';
import { type Flow, isOpen } from '../flows/flow.ts';
import { step } from '../flows/step.ts';
import type { Logger } from '../log.ts';
import { KeyedQueue } from '../state/keyedQueue.ts';
import { directMessages } from '../state/servers.ts';
import { BrokenRecord, isLasting, NewerRecord } from '../state/store.ts';
import type { Locale } from '../text/languages.ts';
import { speaking } from '../text/text.ts';
import { tracing } from '../trace.ts';
import { Alarms } from './alarms.ts';
import type { Drawer } from './drawer.ts';
import { awaitsItsCard, type FlowRecords } from './records.ts';
import { withoutSpentTokens } from './spentTokens.ts';
import { isWorthSaving, mayBeUndone, mayLag } from './worthSaving.ts';

/**
 * Told of a change of a flow once it is saved, or will be with the next one, before its effects begin; also of each flow that is taken up at a start,
 * even if that changed nothing (`before` equals `after` then), and of what its record need not say (`isWorthSaving`).
 */
export type OnSaved = (before: Flow, after: Flow, event: Event) => void;

export interface RunnerParts {
  records: FlowRecords;
  clock: Clock;
  log: Logger;
  pollMs: number;
  /** By how much the store is waited for longer than usual; less than 1: shorter. */
  waitFactor: number;
  /** What the cards of open flows show by now. */
  cards: Pick<Drawer, 'known' | 'lookOf'>;
  /** Does what a step asked for; what comes of it is sent back as the next event. */
  act(effect: Effect, flow: Flow, log: Logger): Promise<void>;
  /** Told in this order of every change. */
  onSaved: OnSaved[];
  /** Told of a flow under way whose record is no longer in the store. */
  onVanished?(id: string, card: Address): void;
}

/** Where a flow's card is, and in which language it is written. */
export interface Address {
  channel: string;
  message: string;
  language: Locale;
}

/** Events that are saved even while the bot stops: what became of money. */
const aboutMoney: Event['type'][] = ['submitted', 'submitRefused', 'answerLost', 'posted', 'sentAhead'];

/** These too, because nobody could find again what was posted. */
const savedWhileStopping: Event['type'][] = [...aboutMoney, 'askShown'];

/** Stages that the next start does not take up. */
const isSaidOnce = (effect: Effect) => effect.do === 'mention';

/** Attempts to reach the store while somebody waits: a quarter of a minute in all. */
const askedRetries = 8;

/** Attempts for a new flow, whose card is already posted: six seconds in all; fewer where the bot is about to stop. */
const newRetries = 6;
const lastRetries = 2;

/** Milliseconds for which a change that a kill may undo waits for the next one, to be written with it. */
const writtenWithin = 1_000;

/** Milliseconds for which a flow's effects are waited for before it is removed. */
const quietWithin = 5_000;

/** Records in memory at the same time, where the process goes through those of all open flows. */
const recordsAtOnce = 10;

/** The shell around `step`: loads, steps, saves, then acts; one event at a time for each flow. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #turns = new KeyedQueue();
  readonly #alarms: Alarms;
  /** When what is not written yet has to be. */
  readonly #late: Alarms;
  readonly #acting = new Map<Promise<void>, string>();
  /** The cards of open flows: a record may vanish with the store, and its card would go on for ever. */
  readonly #cards = new Map<string, Address & { guild: string }>();
  #isEnding = false;
  #isStopped = false;
  /** Another process has the flows now. */
  #isHalted = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (id) => this.post(id, { type: 'woke' }));
    this.#late = new Alarms(parts.clock, (id) => void this.#saveUnwritten(id));
  }

  /**
   * Keeps a new flow once `first` is over, with the message of its card where that is known by then; what comes for it sooner
   * waits. It begins with the event `started`.
   */
  add(flow: Flow, first?: Promise<string | undefined>): Promise<void> {
    const hasTime = (attempt: number) => !this.#isEnding || attempt <= lastRetries;
    return this.#turn(flow.id, async () => {
      const message = await first;
      const known = message === undefined ? flow : change(flow, { card: { message } });
      await this.#persist(() => this.#parts.records.save(known), newRetries, hasTime);
      // It is on people's screens: should its record be gone by the next event, its card says so.
      this.#remember(known);
    });
  }

  /** A new flow could not be kept, as people are told: where part of it was kept all the same, it is over. */
  abandon({ id, guild }: Flow): void {
    const { records, log } = this.#parts;
    const forever = Number.POSITIVE_INFINITY;
    this.#turn(id, async () => {
      const isKept = (await this.#persist(() => records.load(id), forever)) !== undefined;
      if (isKept) await this.#step(id, { type: 'neverShown' }, forever);
      else await this.#persist(() => records.forget(guild ?? directMessages, id), forever);
    }).catch((err) => log.warn({ err, flow: id }, 'not taken off the list; the next start does it'));
  }

  /** The bot is about to stop: whoever waits for a new flow to be kept must hear soon that it is not. */
  beginToEnd(): void {
    this.#isEnding = true;
  }

  /**
   * Gives an event to a flow and resolves with the flow once that is saved (a price may wait a second for that); undefined
   * when the flow is not kept.
   * What the step asked for goes on in the background.
   */
  async send(id: string, event: Event): Promise<Flow | undefined> {
    return (await this.#turn(id, () => this.#step(id, event)))?.flow;
  }

  /** As `send`, for a press, perhaps on a card whose flow is still being saved: tells as well why it was not heard. */
  press(
    id: string,
    event: PressEvent | AnswerEvent | ChangeEvent,
  ): Promise<Pick<Step, 'flow' | 'refused'> | undefined> {
    return this.#turn(id, () => this.#step(id, event));
  }

  /** As `send`, for those who have nothing to wait for: however long the store is away, the event is not lost. */
  post(id: string, event: Event): void {
    if (this.#isHalted || (this.#isStopped && !savedWhileStopping.includes(event.type))) return;
    this.#turn(id, () => this.#step(id, event, Number.POSITIVE_INFINITY)).catch((err) =>
      this.#parts.log.error({ err, flow: id, event: event.type }, 'event lost'),
    );
  }

  /**
   * Resolves when nothing is being done for a flow any more, after `patience` milliseconds at the latest: a card may be
   * seen a moment before its record says so.
   */
  async quiet(id: string, patience: number): Promise<void> {
    const acting = [...this.#acting].filter(([, flow]) => flow === id).map(([promise]) => promise);
    const done = Promise.allSettled(acting).then(() => this.#turn(id, async () => {}));
    await pTimeout(done, { milliseconds: patience, message: false });
  }

  /** Takes a flow off the list of open ones: its card shows how it ended. */
  close(id: string): void {
    if (this.#isHalted) return;
    const { records, log } = this.#parts;
    this.#turn(id, () => this.#persist(() => records.close(id), askedRetries)).catch((err) => {
      log.warn({ err, flow: id }, 'not taken off the list; trying again in a minute, or at the next start');
      // In between, whoever presses on its card has a turn.
      this.#inAMinute(() => this.close(id));
    });
  }

  /**
   * Removes what is kept of a flow that has ended, once nothing is being done for it any more. Gives false where it is
   * open after all, and nothing was removed.
   */
  async erase(id: string): Promise<boolean> {
    await this.quiet(id, quietWithin);
    const { records } = this.#parts;
    return this.#turn(id, async () => {
      const flow = await records.load(id);
      if (flow && isOpen(flow)) return false;
      if (flow) await records.erase(flow);
      this.#cards.delete(id);
      return true;
    });
  }

  /**
   * Removes what people wrote, files and links from a flow that ended before a moment (milliseconds since 1970). Gives
   * false where it has to be kept for now. Throws when that cannot be written.
   */
  clear(id: string, endedBefore: number): Promise<boolean> {
    const { records, clock } = this.#parts;
    return this.#turn(id, async () => {
      if (this.#isStopped) throw new Error('The bot stops');
      const flow = await records.load(id);
      if (!flow || flow.clearedAt !== null) return true;
      // Its end is still to be seen somewhere.
      const isListed = (await records.openIn(flow.guild ?? directMessages)).includes(id);
      if (isListed || !mayClear(flow, endedBefore)) return false;
      await records.rewrite(cleared(flow, clock.now()));
      return true;
    });
  }

  /** Takes up the open flows of these servers. Resolves with their number once each has been told. */
  async resume(guilds: string[]): Promise<number> {
    const { records, log } = this.#parts;
    const queue = new PQueue({ concurrency: recordsAtOnce });
    let count = 0;
    for (const guild of guilds) {
      for (const id of await this.#openIn(guild)) {
        // Queued all at once, thousands of flows would slow down anyone who presses meanwhile.
        await queue.onSizeLessThan(recordsAtOnce);
        void queue.add(async () => {
          // And before each of them, whoever has pressed has a turn.
          await setImmediate();
          try {
            const flow = await this.send(id, { type: 'resumed' });
            if (flow && isOpen(flow)) count++;
            else if (!flow) await records.forget(guild, id);
            else if (!awaitsItsCard(flow)) await records.close(id);
          } catch (err) {
            log.error({ err, flow: id }, 'flow could not be taken up');
            // It stays on the list for the version that wrote it.
            if (err instanceof NewerRecord) return;
            // Set aside already: listing it again at every start would not mend it.
            if (err instanceof BrokenRecord) await records.forget(guild, id);
            else this.post(id, { type: 'resumed' });
          }
        });
      }
    }
    await queue.onIdle();
    return count;
  }

  /** Takes up the open flows of servers that have removed the bot while it was not running: Discord does not name them. */
  async resumeRemoved(shards: string[], present: readonly string[]): Promise<number> {
    const { records, log } = this.#parts;
    try {
      const servers = await this.#persist(() => records.servers(shards), askedRetries);
      return this.resume(servers.filter((server) => !present.includes(server)));
    } catch (err) {
      log.error({ err }, 'the servers with open flows could not be read; trying again in a minute');
      this.#inAMinute(() => this.resumeRemoved(shards, present));
      return 0;
    }
  }

  /**
   * The open flows of a server. A list that cannot be read now is read again later; the other servers do not wait for
   * it.
   */
  async #openIn(guild: string): Promise<string[]> {
    const { records, log } = this.#parts;
    try {
      return await this.#persist(() => records.openIn(guild), askedRetries);
    } catch (err) {
      log.error({ err, guild }, 'the open flows of this server could not be read; trying again in a minute');
      this.#inAMinute(() => this.resume([guild]));
      return [];
    }
  }

  /**
   * Takes no more events but the answers of paid calls, begins nothing new, and waits for what is being done, at most
   * `patience` milliseconds. All else is asked for again at the next start.
   */
  async stop(patience: number): Promise<void> {
    this.#isStopped = true;
    this.#alarms.clearAll();
    this.#late.clearAll();
    const settled = Promise.allSettled([...this.#acting.keys()]).then(() => this.#turns.onIdle());
    const saved = Promise.all(this.#parts.records.unwritten().map((id) => this.#saveUnwritten(id)));
    await pTimeout(Promise.all([settled, saved]), { milliseconds: patience, message: false });
  }

  /** Does nothing any more from now on: what happens to the flows is another process's business. */
  halt(): void {
    this.#isStopped = true;
    this.#isHalted = true;
    this.#alarms.clearAll();
    this.#late.clearAll();
  }

  /** Notes what each open card shows, so that the next start draws only what has changed. For the end of a process. */
  async keepLooks(): Promise<void> {
    const { cards, records, log } = this.#parts;
    const keep = async (id: string) => {
      const look = cards.lookOf(id);
      const flow = await records.load(id);
      if (flow && isOpen(flow) && look !== undefined && look !== flow.shown.look)
        await records.save(change(flow, { shown: { look } }));
    };
    const queue = new PQueue({ concurrency: recordsAtOnce });
    const kept = cards.known().map((id) => queue.add(() => this.#turn(id, () => keep(id))));
    const failed = (await Promise.allSettled(kept)).find((one) => one.status === 'rejected');
    if (failed) log.warn({ err: failed.reason }, 'not every look was kept');
  }

  /** Tries something again in a minute, unless the bot has stopped by then. */
  #inAMinute(task: () => unknown): void {
    const { clock } = this.#parts;
    clock.wakeAt(clock.now() + 60_000, () => void (this.#isStopped || task()));
  }

  /** Runs a task for a flow when its turn has come. */
  #turn<Result>(id: string, task: () => Promise<Result>): Promise<Result> {
    return this.#parts.records.during(id, () => this.#turns.run(id, task));
  }

  /** A queue would do it in the name of whoever was before. */
  #step(id: string, event: Event, retries = askedRetries): Promise<Step | undefined> {
    return tracing(id, () => this.#stepNow(id, event, retries));
  }

  async #stepNow(id: string, event: Event, retries: number): Promise<Step | undefined> {
    const { records, clock, log, pollMs } = this.#parts;
    if (this.#isHalted) throw new Error('Another process has this flow');
    const record = await this.#persist(() => records.loadToChange(id), retries);
    if (!record) {
      this.missed(id);
      // The only place left that can name the jobs.
      if (aboutMoney.includes(event.type))
        log.error({ flow: id, event }, 'what became of money has no record to go to');
      return undefined;
    }
    const flow = this.#withAlarm(record);
    const next = this.#withLook(step(flow, event, clock.now(), pollMs), flow);
    const kept = withoutSpentTokens(next.flow, clock.now());
    const isNews = kept !== flow && isWorthSaving(record, kept);
    if (records.hasClaims(id) || (isNews && !this.#saveLater(record, kept)))
      await this.#persist(() => records.save(kept), retries);
    const flowLog = log.child({ flow: id });
    if (next.flow.stage !== flow.stage) flowLog.info({ from: flow.stage, to: next.flow.stage }, event.type);
    this.#wakeLater(next.flow);
    this.#remember(next.flow);
    if (kept !== flow || event.type === 'resumed') this.#noteSaved(flow, kept, event);
    for (const effect of next.effects) if (!this.#isStopped || isSaidOnce(effect)) this.#do(effect, next.flow, flowLog);
    return next;
  }

  /** Whether a change is left to be written with the next one, at the latest in a second. */
  #saveLater(record: Flow, flow: Flow): boolean {
    const { records, clock } = this.#parts;
    if (this.#isStopped || !mayBeUndone(record, flow) || !records.saveLater(flow)) return false;
    // Counted from the first such change.
    if (this.#late.timeOf(flow.id) === undefined) this.#late.set(flow.id, clock.now() + writtenWithin);
    return true;
  }

  #saveUnwritten(id: string): Promise<void> {
    this.#late.clear(id);
    const { records, log } = this.#parts;
    const save = () => this.#persist(() => records.saveUnwritten(id), Number.POSITIVE_INFINITY);
    return this.#turn(id, save).catch((err) => log.error({ err, flow: id }, 'not written'));
  }

  /** A flow with the time of its next look, which its record need not say. */
  #withAlarm(record: Flow): Flow {
    const at = this.#alarms.timeOf(record.id);
    // One further off is that of a record before, whose effects never began.
    return at !== undefined && mayLag(record.wait.nextCheckAt, at)
      ? change(record, { wait: { nextCheckAt: at } })
      : record;
  }

  /** Whoever wants to know is no reason not to act on what was saved. */
  #noteSaved(before: Flow, after: Flow, event: Event): void {
    for (const listener of this.#parts.onSaved) {
      try {
        listener(before, after, event);
      } catch (err) {
        this.#parts.log.error({ err, flow: after.id, event: event.type }, 'not noted what was saved');
      }
    }
  }

  #remember(flow: Flow): void {
    const { channel, message } = flow.card;
    if (message === null || !isOpen(flow)) this.#cards.delete(flow.id);
    else
      this.#cards.set(flow.id, {
        channel,
        message,
        language: flow.languages.card,
        guild: flow.guild ?? directMessages,
      });
  }

  /**
   * Notes that the store has no record of this flow. One that was under way goes on no more: its card says so, once, and
   * the log.
   */
  missed(id: string): void {
    const known = this.#cards.get(id);
    if (!known) return;
    const { guild, ...card } = known;
    const { records, log } = this.#parts;
    this.#cards.delete(id);
    this.#alarms.clear(id);
    log.error(
      { flow: id, guild, ...card },
      'the record of a flow under way is gone from the store; it goes on no more',
    );
    records.forget(guild, id).catch((err) => log.warn({ err, flow: id }, 'not taken off the list'));
    this.#parts.onVanished?.(id, card);
  }

  /** What the card shows by now is kept with the next save, so that a start draws only what changed. */
  #withLook(next: Step, before: Flow): Step {
    const { flow } = next;
    const look = this.#parts.cards.lookOf(flow.id);
    return flow === before || look === undefined ? next : { ...next, flow: change(flow, { shown: { look } }) };
  }

  /** The store may be away for a moment; an event is not dropped for that. */
  #persist<Result>(task: () => Promise<Result>, retries: number, hasTime = this.#hasTime): Promise<Result> {
    const { waitFactor } = this.#parts;
    const first = task();
    // It nearly always works, and a start with thousands of flows would spend much of its time on preparing other attempts.
    return first.catch(() =>
      pRetry((attempt) => (attempt === 1 ? first : task()), {
        retries,
        minTimeout: 100 * waitFactor,
        maxTimeout: 5000 * waitFactor,
        unref: true,
        shouldRetry: ({ error, attemptNumber }) => !isLasting(error) && !this.#isHalted && hasTime(attemptNumber),
      }),
    );
  }

  readonly #hasTime = (attempt: number) => !this.#isStopped || attempt <= askedRetries;

  #do(effect: Effect, flow: Flow, log: Logger): void {
    const { records } = this.#parts;
    const act = () => speaking(flow.languages.card, () => this.#parts.act(effect, flow, log));
    const acting = records.during(flow.id, act).catch((err) => log.error({ err, effect: effect.do }, 'effect failed'));
    this.#acting.set(acting, flow.id);
    void acting.finally(() => this.#acting.delete(acting));
  }

  #wakeLater(flow: Flow): void {
    const { nextCheckAt } = flow.wait;
    if (this.#isStopped || !isOpen(flow) || nextCheckAt === null) this.#alarms.clear(flow.id);
    else this.#alarms.set(flow.id, nextCheckAt);
  }
}
