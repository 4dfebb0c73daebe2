import type { Stage } from '../../src/flows/flow.ts';

/** What the panel beside the page is told: how everything stands, and what happened underneath. */
export interface News {
  state: PanelState;
  /** New entries, and those that have changed since. */
  entries: Entry[];
}

export interface PanelState {
  controls: ControlStates;
  counts: Counts;
  /** Every flow so far, newest first. */
  flows: ShownFlow[];
}

/** What is made to go wrong just now. Times are milliseconds since 1970. */
export interface ControlStates {
  /** `none`: the bot is no process that can be killed from here. */
  bot: 'none' | 'running' | 'ended';
  /** Whether it is signed in to Discord. */
  isListening: boolean;
  /** When it is started again by itself; null where it is not. */
  startsAt: number | null;
  losesNext: boolean;
  outageUntil: number | null;
  isDearer: boolean;
  /** The ids of people who have closed their DMs. */
  closedDms: string[];
  /** How many times faster than the platform's the jobs are. */
  speed: number;
  jobsRunning: number;
}

export interface Counts {
  /** Calls that began a paid job, and what they took in the end. */
  paidCalls: number;
  taken: number;
  /** Calls and credits that somebody confirmed. */
  confirmedCalls: number;
  confirmed: number;
  lostAnswers: number;
  kills: number;
}

export interface ShownFlow {
  id: string;
  recipe: string;
  channel: string;
  stage: Stage;
  /** The stages it was in, in order. */
  passed: Stage[];
}

type EntryKind =
  /** A record of the bot's. */
  | 'saved'
  /** A call that costs nothing, or took nothing. */
  | 'call'
  /** One that began a paid job. */
  | 'paid'
  | 'process'
  /** What somebody did by this panel. */
  | 'trouble';

export interface Entry {
  /** Grows with each entry. */
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  kind: EntryKind;
  title: string;
  detail: string;
  /** Whether it matters only to whoever wants to see everything. */
  isMinor: boolean;
  /** The channel it belongs to; null where it belongs to none. */
  channel: string | null;
}

/** What becomes of a story of the simulator that was asked for. */
export type Replay =
  | { type: 'story'; seed: number; story: string[]; broken: string[]; flows: number; paid: number }
  | { type: 'refused'; problem: string };
