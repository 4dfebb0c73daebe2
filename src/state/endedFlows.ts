import { z } from 'zod';
import type { Write } from './ownRecords.ts';
import { Shelves } from './shelves.ts';
import type { Store } from './store.ts';

const entrySchema = z.object({
  flow: z.string(),
  /** When it was noted. */
  at: z.number(),
  /** Whether its server no longer keeps what it asked for. */
  cleared: z.boolean(),
});

/** A flow that ended without a result. */
export type EndedFlow = z.infer<typeof entrySchema>;

/** The flows of each server that ended without a result: in the history there is nothing of them. */
export class EndedFlows {
  readonly shelves: Shelves<EndedFlow>;

  constructor(store: Store) {
    this.shelves = new Shelves(store, 'ended', entrySchema);
  }

  /** Notes one, unless it is among the latest already. Throws when it cannot be written. */
  add(server: string, flow: string, at: number, write?: Write): Promise<void> {
    return this.shelves.add(server, { flow, at, cleared: false }, write);
  }
}
