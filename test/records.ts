import { FlowRecords } from '../src/engine/records.ts';
import { Ledger } from '../src/guilds/ledger.ts';
import { createLogger } from '../src/log.ts';
import { EndedFlows } from '../src/state/endedFlows.ts';
import { FlowsOfPeople } from '../src/state/flowsOfPeople.ts';
import { History } from '../src/state/history.ts';
import { OpenFlows } from '../src/state/openFlows.ts';
import { Servers } from '../src/state/servers.ts';
import type { Store } from '../src/state/store.ts';

/** The flows of a store, as the bot keeps them. */
export const recordsOn = (store: Store, ledger = new Ledger(store, createLogger('silent'))): FlowRecords =>
  new FlowRecords(store, new OpenFlows(store, new Servers(store)), new FlowsOfPeople(store), ledger, {
    ended: new EndedFlows(store),
    history: new History(store),
  });
