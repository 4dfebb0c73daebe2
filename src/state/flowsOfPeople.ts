import { z } from 'zod';
import { KeyedQueue } from './keyedQueue.ts';
import { OwnRecords, type Records, troublesOf, type Write, type Writes } from './ownRecords.ts';

const serversSchema = z.object({ v: z.literal(1), ids: z.array(z.string()) });
/** The shelf that is being filled, and how many full ones there are before it. */
const shelfSchema = z.object({ v: z.literal(1), full: z.number(), ids: z.array(z.string()) });
type Shelf = z.infer<typeof shelfSchema>;

/** Ids in one record: a new flow rewrites little. */
const shelfSize = 50;
/** Flows that have ended and are known to be noted. */
const maxEnded = 500;
/** People whose full shelves are remembered. */
const maxRemembered = 500;

/**
 * Which flows each person has, by server, so that whoever asks for what is kept about them needs no scan of keys. Only the
 * process that has a server writes about it.
 */
export class FlowsOfPeople {
  readonly #store: Records;
  /** For changes, which are made one after the other for each person. */
  readonly #own: OwnRecords;
  readonly #turns = new KeyedQueue();
  /** Flows that are noted already, as long as they are open. */
  readonly #noted = new Set<string>();
  /** The latest of those that have ended since, the oldest first. */
  readonly #ended = new Set<string>();
  /** Whose list of servers is known to have which server. */
  readonly #listed = new Set<string>();
  readonly #hadTrouble: () => boolean;
  /** Ids on full shelves by whose they are and how many shelves: at a start the same are asked for again and again. */
  readonly #onFullShelves = new Map<string, ReadonlySet<string>>();

  constructor(store: Records) {
    this.#store = store;
    this.#own = new OwnRecords(store);
    this.#hadTrouble = troublesOf(store);
  }

  /** Notes whose flow it is, and in which server. Throws when it cannot be written. */
  async add(
    person: string,
    server: string,
    flow: string,
    write: Write = (records) => this.#store.setAll(records),
  ): Promise<void> {
    if (this.#hadTrouble())
      for (const known of [this.#noted, this.#ended, this.#listed, this.#onFullShelves]) known.clear();
    if (this.#noted.has(flow) || this.#ended.has(flow)) return write([]);
    const isListed = await this.#turns.run(person, async () => {
      const shelf = await this.#shelf(person, server, this.#own);
      if (shelf.ids.includes(flow) || (await this.#fullIds(person, server, shelf.full)).has(flow)) return true;
      // With the server: flows of one that is on no list would never be found.
      const servers = await this.#withServer(person, server);
      await this.#write(person, server, shelf, flow, (records) => write([...servers, ...records]));
      if (this.#listed.size >= maxRemembered) this.#listed.clear();
      this.#listed.add(`${person}:${server}`);
      return false;
    });
    this.#noted.add(flow);
    // Not in the person's turn: after a start all flows of somebody would be written one after another.
    if (isListed) await write([]);
  }

  /** Notes that a flow has ended: it is hardly ever written again, and then soon. */
  ended(flow: string): void {
    if (!this.#noted.delete(flow)) return;
    this.#ended.add(flow);
    const [oldest] = this.#ended;
    if (oldest !== undefined && this.#ended.size > maxEnded) this.#ended.delete(oldest);
  }

  /** The servers in which a person has flows. Throws when the store cannot be read. */
  async servers(person: string): Promise<string[]> {
    return (await this.#store.get(serversKey(person), serversSchema))?.ids ?? [];
  }

  /** The flows of a person in a server, the oldest first. Throws when the store cannot be read. */
  async list(person: string, server: string): Promise<string[]> {
    const { full, ids } = await this.#shelf(person, server, this.#store);
    return [...new Set([...(await this.#readFull(person, server, full)), ...ids])];
  }

  /** Takes flows off the list once nothing is left of them; a person who has none has no record here. */
  remove(person: string, server: string, flows: readonly string[]): Promise<void> {
    return this.#turns.run(person, async () => {
      const gone = new Set(flows);
      const { full } = await this.#shelf(person, server, this.#own);
      const left = (await this.list(person, server)).filter((id) => !gone.has(id));
      if (left.length === 0) return this.#leave(person, server);
      await this.#own.set(shelfKey(person, server), { v: 1, full: 0, ids: left });
      for (let index = 0; index < full; index++) await this.#own.delete(`${shelfKey(person, server)}:${index}`);
    });
  }

  /** Takes a server out of what is listed of a person, with all flows. Throws when that cannot be written. */
  leave(person: string, server: string): Promise<void> {
    return this.#turns.run(person, () => this.#leave(person, server));
  }

  async #leave(person: string, server: string): Promise<void> {
    this.#listed.delete(`${person}:${server}`);
    const key = shelfKey(person, server);
    const { full } = await this.#shelf(person, server, this.#own);
    for (let index = 0; index < full; index++) await this.#own.delete(`${key}:${index}`);
    await this.#own.delete(key);
    const servers = (await this.servers(person)).filter((id) => id !== server);
    if (servers.length > 0) await this.#store.set(serversKey(person), { v: 1, ids: servers });
    else await this.#store.delete(serversKey(person));
  }

  /** Other processes write that list too, and may have left this server out: each looks once. */
  async #withServer(person: string, server: string): Promise<Writes> {
    if (this.#listed.has(`${person}:${server}`)) return [];
    const ids = await this.servers(person);
    return ids.includes(server) ? [] : [[serversKey(person), { v: 1, ids: [...ids, server] }]];
  }

  /** A full shelf is put aside before the next one is begun: cut off in between, its flows are listed twice, not lost. */
  async #write(person: string, server: string, { full, ids }: Shelf, flow: string, write: Write): Promise<void> {
    const key = shelfKey(person, server);
    const isFull = ids.length >= shelfSize;
    if (isFull) await this.#own.set(`${key}:${full}`, { v: 1, full: 0, ids });
    const next = isFull ? { full: full + 1, ids: [flow] } : { full, ids: [...ids, flow] };
    await this.#own.set(key, { v: 1, ...next }, write);
  }

  /** What stands on full shelves: a flow that an earlier process has begun may be there, and is not listed again. */
  async #fullIds(person: string, server: string, full: number): Promise<ReadonlySet<string>> {
    const key = `${shelfKey(person, server)}:${full}`;
    const known = this.#onFullShelves.get(key);
    if (known) return known;
    if (this.#onFullShelves.size >= maxRemembered) this.#onFullShelves.clear();
    const ids = new Set(await this.#readFull(person, server, full));
    this.#onFullShelves.set(key, ids);
    return ids;
  }

  async #shelf(person: string, server: string, from: Pick<Records, 'get'>): Promise<Shelf> {
    return (await from.get(shelfKey(person, server), shelfSchema)) ?? { v: 1, full: 0, ids: [] };
  }

  /** The ids on so many full shelves, the oldest first. */
  async #readFull(person: string, server: string, full: number): Promise<string[]> {
    const keys = Array.from({ length: full }, (_, index) => `${shelfKey(person, server)}:${index}`);
    const shelves = await Promise.all(keys.map((key) => this.#store.get(key, shelfSchema)));
    return shelves.flatMap((shelf) => shelf?.ids ?? []);
  }
}

const serversKey = (person: string) => `person:${person}:servers`;
const shelfKey = (person: string, server: string) => `person:${person}:flows:${server}`;
