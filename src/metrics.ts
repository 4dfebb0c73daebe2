import { type Interaction, SnowflakeUtil } from 'discord.js';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { readCustomId } from './discord/customId.ts';
import type { OnSaved } from './engine/runner.ts';
import { readButtonId } from './flows/buttonId.ts';
import { presses } from './flows/events.ts';
import { type Flow, isOpen, type Stage, stages } from './flows/flow.ts';
import { nextStepNames } from './flows/nextSteps.ts';
import { cents, runsIn } from './flows/runs.ts';
import { countedIn, entriesOf } from './guilds/entries.ts';

/** What is looked at when somebody asks for the metrics. */
interface Watched {
  /** Connections to Discord that this process is to have, and those that it has. */
  shards(): { all: number; connected: number };
  isLeaseHeld(): Promise<boolean>;
  /** Reads left to the bot's own account right now; undefined where it has none, or did not use it yet. */
  readsLeft(): number | undefined;
  /** Paid calls left to it, by the kind of job. */
  startsLeft(): Record<string, number>;
}

interface Settings {
  clock: Clock;
  /** What commands, entries of menus and parts of the router are called. No other name is ever a label. */
  names(): Iterable<string>;
  watched: Watched;
}

/** What became of an interaction that is being handled. */
interface Handled {
  isAcknowledged: boolean;
  isRefused: boolean;
  isFailed: boolean;
}

/** An open flow. */
interface Open {
  stage: Stage;
  /** When the look that is under way was due, in milliseconds since 1970. */
  dueAt: number | null;
}

const prefix = 'kubeez_discord_';
const actions: ReadonlySet<string> = new Set([...presses, ...nextStepNames]);
const openStages = stages.slice(0, stages.indexOf('delivered'));
const ends = stages.slice(stages.indexOf('delivered'));

const acknowledgeSeconds = [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5];
const storeSeconds = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 3];
const lagSeconds = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** An answer to an interaction, or one that follows it, as it was sent to Discord. */
const messageSchema = z.object({ content: z.string().nullish(), flags: z.number().nullish() });
const answerSchema = z
  .union([z.object({ data: messageSchema }).transform(({ data }) => data), messageSchema])
  .catch({ content: null, flags: null });
const ephemeral = 64;
/** A private sentence that says that something did not work ends with its code. */
const code = /\(KD-\d{3}\)/;

/**
 * What the bot tells of itself to Prometheus. It listens: to what is saved of flows, to what Discord was sent, and to the
 * few parts that measure. Labels are words of the code alone: no server, person, channel or flow is in any.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #clock: Clock;
  readonly #allNames: Settings['names'];
  #names: ReadonlySet<string> | undefined;
  readonly #handled = new Map<string, Handled>();
  readonly #open = new Map<string, Open>();
  /** Runs of flows that have ended of which nobody knows whether they were paid. */
  readonly #unclear = new Map<string, number>();

  readonly #interactions: Counter<'kind' | 'name' | 'outcome'>;
  readonly #acknowledged: Histogram;
  readonly #ended: Counter<'stage'>;
  readonly #lag: Histogram;
  readonly #paidCalls: Counter<'outcome'>;
  readonly #confirmed: Counter;
  readonly #delivered: Counter;
  readonly #store: Histogram<'operation'>;
  readonly #mismatch: Counter<'found_by'>;

  constructor({ clock, names, watched }: Settings) {
    this.#clock = clock;
    this.#allNames = names;
    this.#interactions = this.#counter(
      'interactions_total',
      'What people did, and what came of it: answered, refused (a private sentence with a code) or failed',
      ['kind', 'name', 'outcome'],
    );
    this.#acknowledged = this.#histogram(
      'acknowledge_seconds',
      'From the moment in the id that Discord gave an interaction to its word that our answer arrived',
      acknowledgeSeconds,
    );
    this.#gauge('flows', 'Open requests by stage', ['stage'], (gauge) => {
      for (const stage of openStages) gauge.set({ stage }, 0);
      for (const { stage } of this.#open.values()) gauge.inc({ stage });
    });
    this.#ended = this.#counter('flows_ended_total', 'Requests that have ended, by how', ['stage']);
    for (const stage of ends) this.#ended.inc({ stage }, 0);
    this.#gauge('account_reads_left', 'Reads that the bot’s own account has left right now', [], (gauge) =>
      gauge.set(watched.readsLeft() ?? Number.NaN),
    );
    this.#gauge('account_starts_left', 'Paid calls that it has left this minute, by kind of job', ['pool'], (gauge) => {
      for (const [pool, left] of Object.entries(watched.startsLeft())) gauge.set({ pool }, left);
    });
    this.#lag = this.#histogram(
      'job_lag_seconds',
      'From the moment a look at a request’s jobs was due to its answer',
      lagSeconds,
    );
    this.#paidCalls = this.#counter(
      'paid_calls_total',
      'Calls of Kubeez that spend: accepted, refused, or lost (nobody knows until it was looked for)',
      ['outcome'],
    );
    for (const outcome of ['accepted', 'refused', 'lost']) this.#paidCalls.inc({ outcome }, 0);
    this.#confirmed = this.#counter(
      'confirmed_runs_total',
      'Runs that somebody confirmed at their price; of requests from before this start, those not started yet',
    );
    this.#gauge('unclear_runs', 'Runs since this start of which nobody knows whether they were paid', [], (gauge) =>
      gauge.set([...this.#unclear.values()].reduce((sum, runs) => sum + runs, 0)),
    );
    this.#delivered = this.#counter('delivered_bytes_total', 'Bytes of results that Discord took');
    this.#store = this.#histogram('store_seconds', 'How long the store took', storeSeconds, ['operation']);
    this.#gauge('gateway_shards', 'Connections to Discord: wanted, and connected', ['state'], (gauge) => {
      const { all, connected } = watched.shards();
      gauge.set({ state: 'wanted' }, all);
      gauge.set({ state: 'connected' }, connected);
    });
    this.#gauge('lease_held', '1 while this process may act on the store, 0 once another may', [], async (gauge) =>
      gauge.set((await watched.isLeaseHeld()) ? 1 : 0),
    );
    this.#mismatch = this.#counter(
      'ledger_mismatch_credits_total',
      'Credits in which the ledger and Kubeez differ: it counts what the balance shows as given back, or Kubeez’s record has more than was confirmed',
      ['found_by'],
    );
    for (const found_by of ['balance', 'record']) this.#mismatch.inc({ found_by }, 0);
    this.#processMetrics();
  }

  /** All of it, in the form in which Prometheus reads it. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** An interaction has arrived. */
  arrived({ token }: Interaction): void {
    this.#handled.set(token, { isAcknowledged: false, isRefused: false, isFailed: false });
  }

  /** Its handling ended with an error. */
  failed({ token }: Interaction): void {
    const known = this.#handled.get(token);
    if (known) known.isFailed = true;
  }

  /** It was handled. */
  handled(interaction: Interaction): void {
    const known = this.#handled.get(interaction.token);
    if (!known) return;
    this.#handled.delete(interaction.token);
    const isFailed = known.isFailed || !known.isAcknowledged;
    const outcome = isFailed ? 'failed' : known.isRefused ? 'refused' : 'answered';
    this.#interactions.inc({ ...this.#labelsOf(interaction), outcome });
  }

  /** Discord answered a request. */
  readonly onResponse = (
    { path, data }: { path: string; data: { body?: unknown } },
    { status }: { status: number },
  ): void => {
    const [, room, id = '', token = '', callback] = path.split('/');
    const known = room === 'interactions' || room === 'webhooks' ? this.#handled.get(token) : undefined;
    if (!known || status >= 300) return;
    if (callback === 'callback') {
      known.isAcknowledged = true;
      this.#acknowledged.observe(Math.max(0, this.#clock.now() - SnowflakeUtil.timestampFrom(id)) / 1000);
    }
    const { content, flags } = answerSchema.parse(data.body);
    if (((flags ?? 0) & ephemeral) !== 0 && code.test(content ?? '')) known.isRefused = true;
  };

  /** A record was saved. */
  readonly onSaved: OnSaved = (before, after, event) => {
    const { id } = after;
    const now = this.#clock.now();
    const known = this.#open.get(id);
    const { confirmed } = after.money;
    // One that this process sees for the first time may have been confirmed before it was started.
    const isNews = known ? confirmed?.at !== before.money.confirmed?.at : isOpen(after);
    // A start that a kill cut off may turn out to be refused, and is made again then.
    if (confirmed && isNews) this.#confirmed.inc(runsIn(after, 'waiting', 'begun').length);
    if (event.type === 'checked' && known?.dueAt != null) this.#lag.observe(Math.max(0, now - known.dueAt) / 1000);
    const isLook = event.type === 'woke' && before.stage === 'running';
    const isAnswered = event.type === 'checked' || event.type === 'checkFailed' || after.stage !== 'running';
    const dueAt = isLook ? before.wait.nextCheckAt : isAnswered ? null : (known?.dueAt ?? null);
    if (isOpen(after)) this.#open.set(id, { stage: after.stage, dueAt });
    else this.#open.delete(id);
    if (!isOpen(after) && after.stage !== before.stage) this.#ended.inc({ stage: after.stage });
    const unclear = isOpen(after) ? 0 : runsIn(after, 'unclear').length;
    if (unclear > 0) this.#unclear.set(id, unclear);
    else this.#unclear.delete(id);
    this.#compareWithLedger(before, after);
  };

  /** The record of a flow is gone. */
  forget(id: string): void {
    this.#open.delete(id);
    this.#unclear.delete(id);
  }

  /** A call that spends has ended. */
  paidCall(outcome: 'accepted' | 'refused' | 'lost'): void {
    this.#paidCalls.inc({ outcome });
  }

  /** Discord took files of results. */
  delivered(bytes: number): void {
    this.#delivered.inc(bytes);
  }

  /** The store answered, or was given up. */
  stored(operation: 'read' | 'write', milliseconds: number): void {
    this.#store.observe({ operation }, milliseconds / 1000);
  }

  #compareWithLedger(before: Flow, after: Flow): void {
    const { refund, charged, confirmed } = after.money;
    // The ledger goes by Kubeez's word alone: what the balance shows is not in it.
    if (refund === 'cameBack' && before.money.refund !== refund && after.guild !== null)
      this.#mismatch.inc({ found_by: 'balance' }, countedIn(entriesOf(after)));
    if (charged === null || confirmed === null || charged === before.money.charged) return;
    const known = Math.max(confirmed.credits, before.money.charged ?? 0);
    if (charged > known) this.#mismatch.inc({ found_by: 'record' }, cents(charged - known));
  }

  #labelsOf(interaction: Interaction): { kind: string; name: string } {
    this.#names ??= new Set(this.#allNames());
    const known = (name: string) => (this.#names?.has(name) ? name : 'unknown');
    if (interaction.isChatInputCommand()) return { kind: 'command', name: known(interaction.commandName) };
    if (interaction.isAutocomplete()) return { kind: 'autocomplete', name: known(interaction.commandName) };
    if (interaction.isContextMenuCommand()) return { kind: 'menu', name: known(interaction.commandName) };
    if (!interaction.isMessageComponent() && !interaction.isModalSubmit()) return { kind: 'other', name: 'unknown' };
    const { prefix = '', rest = [] } = readCustomId(interaction.customId) ?? {};
    const action = prefix === 'flow' ? readButtonId(rest)?.action : undefined;
    const name = action !== undefined && actions.has(action) ? `flow:${action}` : known(prefix);
    if (interaction.isModalSubmit()) return { kind: 'form', name };
    return { kind: interaction.isButton() ? 'press' : 'select', name };
  }

  /** Those that every process has. Read when they are asked for; prom-client's own ones would keep timers and observers. */
  #processMetrics(): void {
    const { registry } = this;
    const registers = [registry];
    const started = Date.now() / 1000 - process.uptime();
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When the process was started, in seconds since 1970',
      registers,
    }).set(started);
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
  }

  #counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name: prefix + name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name: prefix + name, help, buckets, labelNames, registers: [this.registry] });
  }

  /** @param read sets it to what it is at the moment */
  #gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: (gauge: Gauge<Label>) => void | Promise<void>,
  ): void {
    const gauge: Gauge<Label> = new Gauge({
      name: prefix + name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => read(gauge),
    });
  }
}
