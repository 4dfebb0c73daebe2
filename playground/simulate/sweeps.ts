import { type Flow, isOpen, isTerminal } from '../../src/flows/flow.ts';
import { jobsOf, runsIn } from '../../src/flows/runs.ts';
import type { Message, World } from '../discord/world.ts';
import type { Promises } from './promises.ts';
import type { SettingsLog } from './settingsLog.ts';
import { trueTime } from './virtualTime.ts';

interface Watched {
  world: World;
  promises: Promises;
  settings: SettingsLog;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

const day = 24 * 3_600_000;
/** Milliseconds within which a sweep comes to its end. */
const sweepTakes = 10 * 60_000;

/** Watches over what a server no longer keeps: words and files go when they are old enough, and nothing that is still needed. */
export class Sweeps {
  readonly #watched: Watched;
  /** What each flow that was cleared had been asked for. */
  readonly #words = new Map<string, string>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks at a record as it was written. */
  onWritten(before: Flow | undefined, after: Flow): void {
    if (!before || after.clearedAt === null || before.clearedAt !== null) return;
    const { settings, broken } = this.#watched;
    const { id, endedAt } = before;
    if (before.asked.prompt !== '') this.#words.set(id, before.asked.prompt);
    if (isNeeded(before)) broken(`${id} was cleared, and is ${before.stage} or not settled`);
    const now = trueTime();
    const isTooYoung = settings.surely(
      now,
      ({ rules }) => rules.retention === null || endedAt === null || endedAt > now - rules.retention * day,
    );
    if (isTooYoung) broken(`${id} was cleared, and is not old enough`);
    if (before.asked.prompt !== '' && JSON.stringify(after).includes(JSON.stringify(before.asked.prompt)))
      broken(`${id} was cleared, and still says what was asked for`);
  }

  /** What must hold a day after nothing has changed any more. */
  atTheEnd(): void {
    const { promises, settings, world, broken } = this.#watched;
    const sweptAt = trueTime() - day - sweepTakes;
    for (const flow of promises.flows.values()) {
      const { id, guild, endedAt, clearedAt } = flow;
      const isDue = ({ rules }: { rules: { retention: number | null } }) =>
        rules.retention !== null && endedAt !== null && endedAt < sweptAt - rules.retention * day;
      const isListed = promises.endedOnList().some((one) => one.id === id);
      if (guild !== null && clearedAt === null && !isNeeded(flow) && !isListed && settings.surely(trueTime(), isDue))
        broken(`${id} is old enough to be cleared, and is not`);
    }
    for (const message of world.messages.values()) this.#shows(message);
  }

  /** What was cleared is in no answer that came after that. */
  #shows({ id, author, createdAt, embeds, content }: Message): void {
    const { promises, world, broken } = this.#watched;
    if (author !== world.bot.id) return;
    const text = content + JSON.stringify(embeds);
    for (const [flow, words] of this.#words) {
      const { clearedAt = null } = promises.flows.get(flow) ?? {};
      // Others may have asked for the same.
      const isElsewhere = [...promises.flows.values()].some(({ asked }) => asked.prompt === words);
      if (clearedAt === null || isElsewhere || createdAt < clearedAt + 1_000) continue;
      if (new RegExp(`${words}(?!\\w)`).test(text)) broken(`message ${id} says “${words}”, which was cleared`);
    }
  }
}

/** Open, unclear, or with something that was paid for and is not there. */
function isNeeded(flow: Flow): boolean {
  if (isOpen(flow) || !isTerminal(flow) || runsIn(flow, 'begun', 'unclear').length > 0) return true;
  return jobsOf(flow).some(
    ({ status, missing }) => status === 'running' || (status === 'completed' && missing.length > 0),
  );
}
