import type { Flow } from '../flows/flow.ts';
import type { Logger } from '../log.ts';
import { speaking } from '../text/text.ts';
import { tracing } from '../trace.ts';

/** Checks of one account at once. The reads that an account has are not enough for more: they would only wait. */
const atOnce = 100;

interface CheckLineParts {
  load(id: string): Promise<Flow | undefined>;
  /** Looks how the jobs of a running flow stand, and tells it. */
  check(flow: Flow): Promise<void>;
  log: Logger;
}

/** The checks of one account, by flow. */
interface Line {
  underWay: Set<string>;
  waiting: Set<string>;
}

/**
 * Lets so many flows of an account look at their jobs at once. Of those that wait for their turn nothing is held but the id:
 * thousands of records and calls would take most of the memory. Their records are read when their turn comes.
 */
export class CheckLine {
  readonly #parts: CheckLineParts;
  readonly #lines = new Map<string, Line>();
  #isStopped = false;

  constructor(parts: CheckLineParts) {
    this.#parts = parts;
  }

  /** Checks a running flow, unless it is being checked. Resolves once that is done, or it waits for its turn. */
  async run(flow: Flow): Promise<void> {
    const line = this.#lines.get(flow.account) ?? { underWay: new Set(), waiting: new Set() };
    if (this.#isStopped || line.underWay.has(flow.id) || line.waiting.has(flow.id)) return;
    this.#lines.set(flow.account, line);
    if (line.underWay.size >= atOnce) return void line.waiting.add(flow.id);
    line.underWay.add(flow.id);
    await this.#parts.check(flow).finally(() => this.#end(flow, line));
  }

  /** Begins no more checks. */
  stop(): void {
    this.#isStopped = true;
    for (const { waiting } of this.#lines.values()) waiting.clear();
  }

  #end({ id, account }: Pick<Flow, 'id' | 'account'>, line: Line): void {
    line.underWay.delete(id);
    const [next] = line.waiting;
    if (next !== undefined) {
      line.waiting.delete(next);
      line.underWay.add(next);
      // Not in the name of the one before.
      void tracing(next, () => this.#takeTurn(next, account, line));
    } else if (line.underWay.size === 0) this.#lines.delete(account);
  }

  async #takeTurn(id: string, account: string, line: Line): Promise<void> {
    const { load, check, log } = this.#parts;
    try {
      const flow = await load(id);
      if (flow?.stage === 'running') await speaking(flow.languages.card, () => check(flow));
    } catch (err) {
      log.warn({ err, flow: id }, 'the jobs of a flow were not looked at');
      // Where the store is away the others fare no better: the next wake-up of each asks again.
      line.waiting.clear();
    }
    this.#end({ id, account }, line);
  }
}
