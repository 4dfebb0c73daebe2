import type { Flow } from '../../src/flows/flow.ts';
import type { World } from '../discord/world.ts';
import type { Promises } from './promises.ts';
import { trueTime } from './virtualTime.ts';

interface Watched {
  world: World;
  promises: Promises;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

/** Watches over the reference pictures of styles: what is sent was on the card at Confirm, and not deleted by then. */
export class Pictures {
  readonly #watched: Watched;
  /** When each message was deleted, in milliseconds since 1970. */
  readonly #deleted = new Map<string, number>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  noteDeleted(message: string): void {
    this.#deleted.set(message, trueTime());
  }

  /**
   * A paid call is on its way.
   *
   * @param all everything that it says
   */
  onPaid(prompt: string, all: string): void {
    const starting = [...this.#watched.promises.flows.values()].filter(({ stage }) => stage === 'submitting');
    const [flow, ...others] = starting.filter(({ asked }) => asked.prompt !== '' && asked.prompt === prompt);
    if (flow && others.length === 0) this.#sent(flow, all);
  }

  #sent(flow: Flow, all: string): void {
    const { promises, broken } = this.#watched;
    const { id, asked, money } = flow;
    const sent = (asked.style?.pictures ?? []).filter(({ attachment }) => all.includes(`/${attachment}/`));
    for (const { message } of sent) {
      const deletedAt = this.#deleted.get(message) ?? Number.POSITIVE_INFINITY;
      // They are read with the price.
      if (deletedAt < (money.quote?.at ?? 0) - readWithin)
        broken(`${id} is sent with a picture that was deleted before its price was read`);
    }
    const presses = promises.confirmingPresses(flow);
    const named = presses.map(({ seen }) => Number(/adds (?:[^.]* and )?(\d+) reference picture/.exec(seen)?.[1] ?? 0));
    if (presses.length > 0 && !named.includes(sent.length))
      broken(`${id} is sent with ${sent.length} pictures of its style, and its card named ${named.join(' or ')}`);
  }
}

/** Milliseconds that reading a price takes at most: what is deleted meanwhile may have been read before. */
const readWithin = 60_000;
