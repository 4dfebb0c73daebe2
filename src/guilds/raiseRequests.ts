import PQueue from 'p-queue';
import { z } from 'zod';
import { sentMessageSchema } from '../flows/sentMessage.ts';
import type { Store } from '../state/store.ts';
import type { Limit } from './limits.ts';
import type { GuildSettings } from './settings.ts';

const time = z.number();

/** Somebody whose flow a limit had no room for asks the managers of their server to raise it. Times are ms since 1970. */
const raiseRequestSchema = z.object({
  v: z.literal(1),
  guild: z.string(),
  flow: z.string(),
  requester: z.string(),
  /** The limit, and what it allowed when this was asked. */
  limit: z.string(),
  credits: z.number(),
  /** By how many credits it is to be raised. */
  by: z.number(),
  /** Where it was asked; null until Discord has named the message. */
  message: sentMessageSchema.nullable(),
  at: time,
  /** Who answered, and when. */
  answer: z.object({ manager: z.string(), isYes: z.boolean(), at: time }).nullable(),
});
export type RaiseRequest = z.infer<typeof raiseRequestSchema>;

/**
 * What a manager's answer led to. `raisedBefore`: the limit allows more by now than it did when this was asked; `changed`: it
 * allows less, or is gone. In both cases nothing was done.
 */
export type Answered =
  | { is: 'raised' | 'raisedBefore'; request: RaiseRequest; limit: Limit }
  | { is: 'declined' | 'changed'; request: RaiseRequest }
  | { is: 'answeredBefore' }
  | { is: 'unknown' };

/** A request whose message is not known after so long never got one. Milliseconds. */
const postedWithin = 60_000;
/** Milliseconds for which a request is kept: longer than any period of a limit. */
const keptFor = 60 * 24 * 3_600_000;

/** Requests to raise a limit: one for each flow, and each answered once, whoever presses when. */
export class RaiseRequests {
  readonly #store: Store;
  readonly #settings: Pick<GuildSettings, 'of' | 'raiseLimit'>;
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store, settings: Pick<GuildSettings, 'of' | 'raiseLimit'>) {
    this.#store = store;
    this.#settings = settings;
  }

  /** Notes a request. Gives the earlier one instead where the same flow has asked. Throws when it cannot be written. */
  ask(request: Omit<RaiseRequest, 'v' | 'message' | 'answer'>): Promise<RaiseRequest | undefined> {
    return this.#queue.add(async () => {
      const earlier = await this.#read(request.flow);
      if (earlier && (earlier.message !== null || request.at - earlier.at < postedWithin)) return earlier;
      await this.#write({ v: 1, ...request, message: null, answer: null });
      return undefined;
    });
  }

  /** Notes which message asks. Throws when that cannot be written. */
  posted(flow: string, message: NonNullable<RaiseRequest['message']>): Promise<void> {
    return this.#queue.add(async () => {
      const request = await this.#read(flow);
      if (request) await this.#write({ ...request, message });
    });
  }

  /** Takes a manager's answer to the request of a flow. Throws when it cannot be written. */
  answer(flow: string, guild: string, answer: NonNullable<RaiseRequest['answer']>): Promise<Answered> {
    return this.#queue.add(async () => {
      const request = await this.#read(flow);
      if (!request || request.guild !== guild) return { is: 'unknown' };
      if (request.answer) return { is: 'answeredBefore' };
      const { limit: id, credits, by } = request;
      // The limit first: were this cut off in between, the limit would no longer be what the request says.
      const limit = answer.isYes ? await this.#settings.raiseLimit(guild, id, credits, by) : undefined;
      const answered = { ...request, answer };
      await this.#write(answered);
      if (!answer.isYes) return { is: 'declined', request: answered };
      if (limit) return { is: 'raised', request: answered, limit };
      const now = (await this.#settings.of(guild)).limits.find((one) => one.id === id);
      if (now && now.credits > credits) return { is: 'raisedBefore', request: answered, limit: now };
      return { is: 'changed', request: answered };
    });
  }

  /** The request of a flow; undefined when there is none. Throws when the store cannot be read. */
  of(flow: string): Promise<RaiseRequest | undefined> {
    return this.#queue.add(() => this.#read(flow));
  }

  /** Removes the request of a flow; its message leads nowhere then. Throws when that cannot be written. */
  forget(flow: string): Promise<void> {
    return this.#queue.add(() => this.#store.delete(keyOf(flow)));
  }

  #read(flow: string): Promise<RaiseRequest | undefined> {
    return this.#store.get(keyOf(flow), raiseRequestSchema);
  }

  #write(request: RaiseRequest): Promise<void> {
    return this.#store.set(keyOf(request.flow), request, keptFor);
  }
}

const keyOf = (flow: string) => `raise:${flow}`;
