import PQueue from 'p-queue';
import type { Clock } from '../clock.ts';
import { isOpen } from '../flows/flow.ts';
import type { Logger } from '../log.ts';
import type { Servers } from '../state/servers.ts';
import { BrokenRecord } from '../state/store.ts';
import type { FlowRecords } from './records.ts';

/** Milliseconds for which a server that removed the bot is kept: invited again by then, all is as it was. */
const keptFor = 30 * 24 * 3_600_000;
/** Milliseconds until what could not be done is tried again. */
const retryAfter = 10 * 60_000;

interface RemovedServersParts {
  servers: Servers;
  records: Pick<FlowRecords, 'openIn' | 'loadOrBroken'>;
  /**
   * Removes all that is kept of a server. It may be called again after it was cut off.
   *
   * @param goOn asked before each piece of work; throws where it is to end
   */
  forget(guild: string, goOn: () => void): Promise<void>;
  clock: Clock;
  log: Logger;
}

/**
 * Servers that have removed the bot: notes when, and removes what is kept of them 30 days later, once nothing of theirs is
 * open. A server that is back by then is one like any other; one that comes back later begins as a new one.
 */
export class RemovedServers {
  readonly #parts: RemovedServersParts;
  readonly #present = new Set<string>();
  /** Those that are being forgotten: nothing may be begun there meanwhile, not even if they are back. */
  readonly #forgetting = new Set<string>();
  /** What Discord told waits until the open flows are taken up. */
  readonly #queue = new PQueue({ concurrency: 1, autoStart: false });
  #shards: readonly string[] = [];
  #cancel = () => {};
  #isStopped = false;

  constructor(parts: RemovedServersParts) {
    this.#parts = parts;
  }

  /** Reads what is known, so that a server that is back can be judged as soon as Discord names it. */
  async read(shards: readonly string[]): Promise<void> {
    this.#shards = shards;
    try {
      await this.#parts.servers.removed(shards);
    } catch (err) {
      // Whoever is back counts as one like any other then: nothing of theirs is removed.
      this.#parts.log.warn({ err }, 'the servers that removed the bot could not be read');
    }
  }

  /** Whether everything of a server is being removed right now. */
  isForgetting(server: string | null): boolean {
    return server !== null && this.#forgetting.has(server);
  }

  /** A shard has signed in: these are all of its servers. Others may have gone while it was not connected. */
  readonly signedIn = (shard: string, servers: readonly string[]): void => {
    const named = new Set(servers);
    for (const server of this.#presentOf(shard)) if (!named.has(server)) this.#present.delete(server);
    for (const server of named) this.#arrived(server);
    const { servers: known, clock } = this.#parts;
    this.#do(() => known.compare(shard, new Set(this.#presentOf(shard)), clock.now(), this.#forgetting));
  };

  /** A server is there: it was named at the sign-in, or has invited the bot since. Gives whether it has invited it. */
  readonly invited = (server: string): boolean => {
    if (this.#present.has(server)) return false;
    this.#arrived(server);
    this.#note(server);
    return true;
  };

  /** A server has removed the bot. An outage is none. */
  readonly removed = (server: string): void => {
    this.#parts.log.info({ guild: server }, 'a server has removed the bot');
    this.#present.delete(server);
    this.#note(server);
  };

  /** Begins to act on what was told, now that paid jobs are taken care of. */
  start(): void {
    this.#queue.start();
    this.#sweep();
  }

  /** Begins nothing more, and resolves once what was begun has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#queue.clear();
    this.#queue.start();
    await this.#queue.onIdle();
  }

  #presentOf(shard: string): string[] {
    return [...this.#present].filter((server) => this.#parts.servers.shardOf(server) === shard);
  }

  /** Notes whether a server has the bot: as it is when its turn comes, because it may have changed its mind. */
  #note(server: string): void {
    const { servers, clock } = this.#parts;
    this.#do(async () => {
      if (!this.#present.has(server)) await servers.markRemoved(server, clock.now());
      else if (!this.#forgetting.has(server)) await servers.markPresent(server);
    });
  }

  /** Of one that was away too long nothing is kept, whatever it does from now on. */
  #arrived(server: string): void {
    this.#present.add(server);
    if (this.#isOverdue(this.#parts.servers.removedAt(server))) this.#forgetting.add(server);
  }

  #isOverdue(removedAt: number | undefined): boolean {
    return removedAt !== undefined && removedAt + keptFor <= this.#parts.clock.now();
  }

  /** Does something in its turn, and looks then what is to be removed, and when. What fails is tried again. */
  #do(work: () => Promise<void>): void {
    if (this.#isStopped) return;
    const { clock, log } = this.#parts;
    void this.#queue.add(async () => {
      try {
        await work();
        await this.#plan();
      } catch (err) {
        if (this.#isStopped) return;
        log.warn({ err }, 'what became of a server could not be noted; trying again');
        clock.wakeAt(clock.now() + retryAfter, () => this.#do(work));
      }
    });
  }

  #sweep(): void {
    this.#do(async () => {
      for (const [server, at] of await this.#parts.servers.removed(this.#shards))
        if (this.#isOverdue(at)) await this.#forget(server);
    });
  }

  /** Wakes up when the next server is to be forgotten. */
  async #plan(): Promise<void> {
    const { servers, clock } = this.#parts;
    const removed = await servers.removed(this.#shards);
    this.#cancel();
    if (this.#isStopped || removed.size === 0) return;
    const now = clock.now();
    const next = Math.min(...[...removed.values()].map((at) => at + keptFor));
    // Overdue and still there: something of it was open.
    this.#cancel = clock.wakeAt(next > now ? next : now + retryAfter, () => this.#sweep());
  }

  async #forget(server: string): Promise<void> {
    const { servers, forget, log } = this.#parts;
    const isUsed = this.#present.has(server) && !this.#forgetting.has(server);
    if (isUsed || (await this.#hasOpen(server))) {
      this.#forgetting.delete(server);
      if (this.#present.has(server)) await servers.markPresent(server);
      return;
    }
    this.#forgetting.add(server);
    await forget(server, () => {
      if (this.#isStopped) throw new Error('The bot stops');
    });
    await servers.forget(server);
    // It has come back, as a new one.
    if (this.#present.has(server)) await servers.note(server);
    this.#forgetting.delete(server);
    log.info({ guild: server }, 'a server removed the bot 30 days ago: nothing of it is kept any more');
  }

  async #hasOpen(server: string): Promise<boolean> {
    const { records } = this.#parts;
    for (const id of await records.openIn(server)) {
      const flow = await records.loadOrBroken(id);
      if (flow && !(flow instanceof BrokenRecord) && isOpen(flow)) return true;
    }
    return false;
  }
}
