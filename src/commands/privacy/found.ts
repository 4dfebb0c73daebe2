import type { Flow } from '../../flows/flow.ts';
import type { CommandParts } from '../../requests/command.ts';
import { directMessages } from '../../state/servers.ts';
import { BrokenRecord } from '../../state/store.ts';

/** Everything of a person that lists lead to. */
export interface Found {
  person: string;
  /** The servers that this process has, `dm` among them. */
  servers: string[];
  /** How many servers another process has: only that one may change what is kept there. */
  elsewhere: number;
  /** Their flows in those servers, whole. */
  flows: Flow[];
  /** The ids that are listed in each of them: of these flows, and of those that are gone by now. */
  listed: ReadonlyMap<string, string[]>;
  /** When the oldest of them was asked for, in milliseconds since 1970. */
  since: number;
  now: number;
}

/** Flows read at the same time. */
const readsAtOnce = 50;

/** What a server's history is kept under. */
export const historyPlace = (server: string, person: string) => (server === directMessages ? `dm-${person}` : server);

/**
 * Finds what is kept of a person. A flow from before flows were listed by person is found by the history of the servers
 * that are known by now.
 *
 * @param here the server where they ask; null in a DM
 */
export async function findAll(person: string, here: string | null, parts: CommandParts): Promise<Found> {
  const known = await parts.flowsOfPeople.servers(person);
  const all = [...new Set([...known, directMessages, ...(here === null ? [] : [here])])];
  const servers = all.filter((server) => parts.isOurs(server === directMessages ? null : server));
  const flows: Flow[] = [];
  const listed = new Map<string, string[]>();
  for (const server of servers) {
    const readable: string[] = [];
    for (const ids of inParts(await idsIn(server, person, parts), readsAtOnce)) {
      const some = await Promise.all(ids.map(async (id) => [id, await parts.records.loadOrBroken(id)] as const));
      for (const [id, flow] of some) {
        if (flow instanceof BrokenRecord) {
          parts.log.error({ err: flow, flow: id }, 'this flow cannot be read, and is neither exported nor forgotten');
          continue;
        }
        readable.push(id);
        if (flow?.requester === person) flows.push(flow);
      }
    }
    listed.set(server, readable);
  }
  const now = parts.clock.now();
  const since = flows.reduce((oldest, { createdAt }) => Math.min(oldest, createdAt), now);
  const elsewhere = known.filter((server) => !servers.includes(server)).length;
  return { person, servers, elsewhere, flows, listed, since, now };
}

/** The ids of a person's flows in a server. Those that only the history knows are listed as well: it is removed first. */
async function idsIn(server: string, person: string, { flowsOfPeople, history }: CommandParts): Promise<string[]> {
  const listed = await flowsOfPeople.list(person, server);
  const isTheirs = ({ by }: { by: string }) => by === person;
  const made = await history.list(historyPlace(server, person), isTheirs, 0, Number.POSITIVE_INFINITY);
  const older = made.entries.map(({ flow }) => flow).filter((id) => !listed.includes(id));
  for (const id of older) {
    await flowsOfPeople.add(person, server, id);
    flowsOfPeople.ended(id);
  }
  return [...older, ...listed];
}

/** A list in pieces of at most `size`. */
export const inParts = <One>(all: readonly One[], size: number): One[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
