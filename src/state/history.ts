import { z } from 'zod';
import type { Write } from './ownRecords.ts';
import { Shelves } from './shelves.ts';
import type { Store } from './store.ts';

const entrySchema = z.object({
  flow: z.string(),
  recipe: z.string(),
  model: z.string(),
  by: z.string(),
  credits: z.number(),
  channel: z.string(),
  message: z.string().nullable(),
  at: z.number(),
  /** What it is about, cut short. */
  about: z.string(),
  /** Whether whoever asked for it paid with an account of their own. */
  isOwn: z.boolean().default(false),
  /** Whether it was deleted: then it is listed for its requester alone. */
  deleted: z.boolean().default(false),
  /** Whether its server no longer keeps what it is about. */
  cleared: z.boolean().default(false),
});

/** One thing a server has made. `at` in milliseconds since 1970. */
export type Entry = z.infer<typeof entrySchema>;

/** The history of each server or DM. */
export class History {
  readonly shelves: Shelves<Entry>;

  constructor(store: Store) {
    this.shelves = new Shelves(store, 'made', entrySchema);
  }

  /** Adds an entry to a place (a server, or one person's DM), unless its flow has one already among the latest. */
  add({ place, ...rest }: z.input<typeof entrySchema> & { place: string }, write?: Write): Promise<void> {
    return this.shelves.add(place, entrySchema.parse(rest), write);
  }

  /** Notes that what a flow made was deleted; a flow that has no entry is none the worse for it. */
  markDeleted(place: string, flow: string): Promise<void> {
    return this.shelves.changeAll(place, (entry) => (entry.flow === flow ? { ...entry, deleted: true } : entry));
  }

  /** Removes the entries of a person from a server. Throws when that cannot be written. */
  forget(server: string, person: string): Promise<void> {
    return this.shelves.changeAll(server, (entry) => (entry.by === person ? undefined : entry));
  }

  /** Removes all of a place, such as somebody's DMs. Throws when that cannot be written. */
  remove(place: string): Promise<void> {
    return this.shelves.remove(place);
  }

  /**
   * Entries that fit, newest first, `skip` of them left out. Reads only as many shelves as it must; `hasMore` tells
   * whether there are older ones.
   */
  async list(
    place: string,
    fits: (entry: Entry) => boolean | Promise<boolean>,
    skip: number,
    most: number,
  ): Promise<{ entries: Entry[]; hasMore: boolean }> {
    const found: Entry[] = [];
    for (let index = await this.shelves.last(place); index >= 0; index--) {
      const entries = (await this.shelves.read(place, index)).reverse();
      const verdicts = await Promise.all(entries.map(fits));
      found.push(...entries.filter((_, at) => verdicts[at]));
      if (found.length > skip + most) break;
    }
    return { entries: found.slice(skip, skip + most), hasMore: found.length > skip + most };
  }
}
