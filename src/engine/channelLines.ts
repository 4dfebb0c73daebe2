import { KeyedQueue } from '../state/keyedQueue.ts';

/** Which edit goes first: the end of a flow, then what somebody waits for, then progress. */
export const priorities = { end: 2, awaited: 1, progress: 0 };

/** Milliseconds over which Discord counts the edits of a channel: about five are let through in them. */
const window = 5000;
/** How many of these five progress may use: the rest is for what people wait for. */
const roomForProgress = 2;

/** Edits by bot token: in each channel one at a time, and progress only where people leave room for it. */
export class ChannelLines {
  readonly #now: () => number;
  readonly #edits = new KeyedQueue();
  /** Edits of the last seconds, in all channels. */
  readonly #recent: { channel: string; at: number }[] = [];

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs a task when its turn in the channel has come. */
  run<Result>(channel: string, priority: number, task: () => Promise<Result>): Promise<Result> {
    return this.#edits.run(channel, task, priority);
  }

  /** Takes note of an edit that is sent now. */
  note(channel: string): void {
    this.#recent.push({ channel, at: this.#now() });
  }

  /** Whether a channel has room for an edit that nobody waits for. */
  hasRoom(channel: string): boolean {
    if (this.#edits.isBusy(channel)) return false;
    while (this.#recent[0] && this.#now() - this.#recent[0].at > window) this.#recent.shift();
    return this.#recent.filter((edit) => edit.channel === channel).length < roomForProgress;
  }
}
