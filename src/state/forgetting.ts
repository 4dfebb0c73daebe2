import PQueue from 'p-queue';
import { z } from 'zod';
import type { Servers } from './servers.ts';
import type { Store } from './store.ts';

const askedSchema = z.object({
  person: z.string(),
  /** The server where they asked; `dm` in a DM. */
  server: z.string(),
});
const recordSchema = z.object({ v: z.literal(1), asked: z.array(askedSchema) });

/** Somebody who is being forgotten. */
type Forgotten = z.infer<typeof askedSchema>;

/** Who is being forgotten right now, by the shard where they asked: a process that ends in the middle leaves them there. */
export class Forgetting {
  readonly #store: Store;
  readonly #servers: Pick<Servers, 'shardOf'>;
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(store: Store, servers: Pick<Servers, 'shardOf'>) {
    this.#store = store;
    this.#servers = servers;
  }

  /** Those who asked on some shards. Throws when the store cannot be read. */
  async list(shards: readonly string[]): Promise<Forgotten[]> {
    const all = await Promise.all(shards.map((shard) => this.#read(shard)));
    return all.flat();
  }

  /** Notes that somebody is being forgotten. Throws when that cannot be written. */
  begin(asked: Forgotten): Promise<void> {
    return this.#change(asked, (others) => [...others, asked]);
  }

  /** Notes that it is over. Throws when that cannot be written. */
  end(asked: Forgotten): Promise<void> {
    return this.#change(asked, (others) => others);
  }

  #change({ person, server }: Forgotten, change: (others: Forgotten[]) => Forgotten[]): Promise<void> {
    const shard = this.#servers.shardOf(server);
    return this.#queue.add(async () => {
      const asked = change((await this.#read(shard)).filter((one) => one.person !== person));
      if (asked.length > 0) await this.#store.set(keyOf(shard), { v: 1, asked });
      else await this.#store.delete(keyOf(shard));
    });
  }

  async #read(shard: string): Promise<Forgotten[]> {
    return (await this.#store.get(keyOf(shard), recordSchema))?.asked ?? [];
  }
}

const keyOf = (shard: string) => `forgetting:${shard}`;
