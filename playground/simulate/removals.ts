import { type Flow, isOpen } from '../../src/flows/flow.ts';
import type { Guild } from '../discord/world.ts';
import type { Disk } from './disk.ts';
import { flowOf } from './disk.ts';
import type { Promises } from './promises.ts';
import { trueTime } from './virtualTime.ts';

interface Watched {
  guild: Guild;
  disk: Disk;
  promises: Promises;
  /** Told of a promise that was broken. */
  broken(what: string): void;
}

const day = 24 * 3_600_000;
/** Milliseconds for which everything of a server is kept that has removed the bot. */
const keptFor = 30 * day;

/** Watches over a server that removes the bot: nothing of it goes before 30 days are over, and then everything does. */
export class Removals {
  readonly #watched: Watched;
  #removedAt: number | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** The server has removed the bot, or invited it again. */
  onMember(hasBot: boolean): void {
    this.#removedAt = hasBot ? undefined : trueTime();
  }

  /** A record was deleted. */
  onDeleted(key: string): void {
    const { promises, guild, broken } = this.#watched;
    const flow = promises.flows.get(flowOf(key) ?? '');
    if (!flow || flow.guild !== guild.id) return;
    if (this.#removedAt === undefined || trueTime() < this.#removedAt + keptFor)
      broken(`the record of ${flow.id} was deleted, and its server has the bot or had it a while ago`);
    if (isOpen(flow)) broken(`the record of ${flow.id} was deleted, which is ${flow.stage}`);
  }

  /** Whether the server has removed the bot. */
  get isRemoved(): boolean {
    return this.#removedAt !== undefined;
  }

  /** What must hold when a server has been away for more than 30 days. */
  atTheEnd(): void {
    const { disk, guild, broken } = this.#watched;
    for (const [key, text] of disk.records)
      if (key.includes(guild.id) || text.includes(guild.id))
        broken(`${key} is still kept, though its server removed the bot more than 30 days ago`);
  }

  /** Whether a card can no longer be written, because its server has removed the bot. */
  isClosed = ({ guild, card }: Flow) => this.isRemoved && guild === this.#watched.guild.id && card.channel !== '';
}
