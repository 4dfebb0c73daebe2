import type { Stage } from '../../src/flows/flow.ts';
import { callsOf } from '../../src/flows/runs.ts';
import type { BotControl, Life } from '../botProcess.ts';
import type { Call } from '../kubeez/calls.ts';
import type { Stage as Stages } from '../stage.ts';
import type { ControlStates, Counts, Entry, News, ShownFlow } from './protocol.ts';
import type { RecordChange } from './recordLog.ts';
import { changeText, flowIn, onlyTimes, shownKey } from './recordText.ts';

/** Milliseconds between two looks at what happened. */
const rhythm = 100;
/** Entries that are kept. */
const kept = 400;
/** Records of flows and what they lead to; the other ones are lists and counts. */
const majorKey = /^kubeez:(flow|job):/;

/** Stages of a flow that may be started, or was. */
const startable: Stage[] = ['queued', 'submitting', 'running', 'delivering', 'delivered', 'failed', 'unclear'];

interface Kept extends Entry {
  /** Grows with each change of any entry. */
  version: number;
}

/** What happens underneath the page, put together from the store, Kubeez and the processes. */
export class Feed {
  readonly #stage: Stages;
  readonly #bot: BotControl | undefined;
  readonly #states: () => ControlStates;
  readonly #entries: Kept[] = [];
  readonly #flows = new Map<string, ShownFlow>();
  /** By flow and moment: what somebody confirmed. */
  readonly #confirmed = new Map<string, { calls: number; credits: number }>();
  /** Calls that may still change, with their entries. */
  readonly #calls = new Map<Call, Kept>();
  /** Processes that were told of, and when they ended as far as that was told. */
  readonly #lives = new Map<Life, number | null>();
  readonly #followers = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #lastCall = 0;
  #lostAnswers = 0;
  #version = 0;
  #number = 0;
  #wasListening = false;

  constructor(stage: Stages, bot: BotControl | undefined, states: () => ControlStates) {
    this.#stage = stage;
    this.#bot = bot;
    this.#states = states;
    this.#timer = setInterval(() => this.#look(), rhythm);
    this.#timer.unref();
  }

  /** Tells what there is, and then what is new, as soon as it is; gives what ends that. */
  follow(tell: (news: News) => void): () => void {
    let seen = 0;
    let lastState = '';
    const follower = () => {
      const entries = this.#entries.filter(({ version }) => version > seen);
      const state = { controls: this.#states(), counts: this.#counts(), flows: [...this.#flows.values()].reverse() };
      const text = JSON.stringify(state);
      if (entries.length === 0 && text === lastState) return;
      seen = this.#version;
      lastState = text;
      tell({ state, entries: entries.map(({ version: _, ...entry }) => entry) });
    };
    this.#look();
    follower();
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Notes what somebody did by the panel. */
  note(title: string): void {
    this.#add({ kind: 'trouble', title });
    this.#tell();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const change of this.#bot?.records.read() ?? []) this.#onSaved(change);
    this.#lookAtCalls();
    this.#lookAtProcesses();
    this.#tell();
  }

  #tell(): void {
    for (const follower of this.#followers) follower();
  }

  #onSaved(change: RecordChange): void {
    const flow = flowIn(change.key, change.after);
    if (flow) {
      const { id, recipe, stage, card, money } = flow;
      const known = this.#flows.get(id) ?? { id, recipe, channel: card.channel, stage, passed: [] };
      if (known.passed.at(-1) !== stage) known.passed.push(stage);
      Object.assign(known, { stage, recipe, channel: card.channel });
      this.#flows.set(id, known);
      const { confirmed } = money;
      // Before that the price may still move, and then it has to be confirmed anew.
      if (confirmed && startable.includes(stage))
        this.#confirmed.set(`${id} ${confirmed.at}`, { calls: callsOf(flow), credits: confirmed.credits });
    }
    const detail = changeText(change);
    this.#add({
      kind: 'saved',
      at: change.at,
      title: shownKey(change.key),
      detail,
      isMinor: !majorKey.test(change.key) || detail === onlyTimes,
      channel: flow?.card.channel ?? null,
    });
  }

  #lookAtCalls(): void {
    for (const call of this.#stage.kubeez.calls.calls) {
      if (call.number <= this.#lastCall) continue;
      this.#lastCall = call.number;
      this.#calls.set(call, this.#add({ kind: 'call', at: call.at, title: call.tool, isMinor: true }));
    }
    for (const [call, entry] of this.#calls) {
      const isPaid = call.jobs.length > 0;
      const isCostly = this.#stage.kubeez.calls.paidTools.has(call.tool);
      const isMinor = !isCostly && call.answer !== 'lost';
      this.#change(entry, { kind: isPaid ? 'paid' : 'call', detail: callText(call), isMinor });
      if (call.answer === 'awaited') continue;
      this.#calls.delete(call);
      if (isPaid && call.answer === 'lost') this.#lostAnswers++;
    }
  }

  #lookAtProcesses(): void {
    for (const life of this.#bot?.lives ?? []) {
      const { number, startedAt, endedAt, isKilled } = life;
      const known = this.#lives.get(life);
      if (known === endedAt) continue;
      const title = `Process ${number}`;
      if (known === undefined) this.#add({ kind: 'process', at: startedAt, title, detail: 'started' });
      const detail = isKilled ? 'killed: it could save nothing any more' : 'ended';
      if (endedAt !== null) this.#add({ kind: 'process', at: endedAt, title, detail });
      this.#lives.set(life, endedAt);
    }
    const { discord, guild } = this.#stage;
    const isListening = discord.gateway.isListening(guild.id);
    if (isListening && !this.#wasListening && this.#bot)
      this.#add({
        kind: 'process',
        title: `Process ${this.#bot.lives.length}`,
        detail: 'is signed in to Discord',
      });
    this.#wasListening = isListening;
  }

  #counts(): Counts {
    const { calls } = this.#stage.kubeez.calls;
    const paid = calls.filter(({ jobs }) => jobs.length > 0);
    const confirmed = [...this.#confirmed.values()];
    return {
      paidCalls: paid.length,
      taken: sum(paid.flatMap(({ jobs }) => jobs.map(({ cost }) => cost))),
      confirmedCalls: sum(confirmed.map((one) => one.calls)),
      confirmed: sum(confirmed.map(({ credits }) => credits)),
      lostAnswers: this.#lostAnswers,
      kills: (this.#bot?.lives ?? []).filter(({ isKilled }) => isKilled).length,
    };
  }

  #add(entry: Pick<Entry, 'kind' | 'title'> & Partial<Entry>): Kept {
    const added: Kept = {
      at: Date.now(),
      detail: '',
      isMinor: false,
      channel: null,
      ...entry,
      number: ++this.#number,
      version: ++this.#version,
    };
    this.#entries.push(added);
    if (this.#entries.length > kept) this.#entries.splice(0, this.#entries.length - kept);
    return added;
  }

  #change(entry: Kept, changes: Partial<Entry>): void {
    const isSame = Object.entries(changes).every(([name, value]) => Object(entry)[name] === value);
    if (!isSame) Object.assign(entry, changes, { version: ++this.#version });
  }
}

/** What became of a call, without anything that was sent or answered. */
function callText({ jobs, answer, isRefused }: Call): string {
  const credits = sum(jobs.map(({ cost }) => cost));
  const begun = jobs.length === 0 ? [] : [`${jobs.length === 1 ? '1 job' : `${jobs.length} jobs`}, ${credits} credits`];
  const ends = {
    awaited: 'under way',
    sent: isRefused ? 'refused, nothing was taken' : 'answered',
    lost: 'its answer was lost',
    away: 'Kubeez is away: not taken',
  };
  return [...begun, ends[answer]].join(' · ');
}

/** Credits have two decimals. */
const sum = (numbers: number[]) => Math.round(numbers.reduce((all, one) => all + one, 0) * 100) / 100;
