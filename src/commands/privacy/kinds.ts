import { ownAccount } from '../../accountNames.ts';
import type { Flow } from '../../flows/flow.ts';
import { monthsFrom } from '../../guilds/ledger.ts';
import type { Settings } from '../../guilds/settings.ts';
import type { CommandParts } from '../../requests/command.ts';
import { directMessages } from '../../state/servers.ts';
import { BrokenRecord } from '../../state/store.ts';
import { type Found, historyPlace, inParts } from './found.ts';

interface Kind {
  name: string;
  /** The keys of the store that are of this kind. */
  keys: RegExp;
}

/** Records that tell of people. */
interface Personal extends Kind {
  /** What they say of a person, without secrets and without what is other people's; for a file. */
  exportOf(found: Found, parts: CommandParts): Promise<unknown[]>;
  /** Removes that. May be called again after it was cut off in the middle. Throws when the store cannot be written. */
  forget(found: Found, parts: CommandParts): Promise<void>;
  /** Why some of it stays, where some does. */
  stays?: string;
}

/** Records that tell of nobody, or that nobody can be found in. */
interface Impersonal extends Kind {
  why: string;
}

/** Flows removed at the same time. */
const removedAtOnce = 10;

const guildsOf = ({ servers }: Found) => servers.filter((server) => server !== directMessages);
const flowsIn = ({ flows }: Found, guild: string) =>
  new Set(flows.filter((flow) => flow.guild === guild).map(({ id }) => id));

/**
 * Every kind of record that tells of people, in the order in which it is forgotten: what is found by way of the flows comes
 * before them, and their list last, so that whoever asks again after a kill finds what is left.
 */
export const personal: readonly Personal[] = [
  // Before the preferences, which say that it is not to pay.
  {
    name: 'ownAccount',
    keys: /^account:person-/,
    async exportOf({ person }, { accounts }) {
      const account = await accounts.connected(ownAccount(person));
      return account ? [{ name: account.byName, connectedAt: account.at }] : [];
    },
    async forget({ person, elsewhere }, { accounts }) {
      // Something may still run on it in a server that another process has.
      if (elsewhere === 0) await accounts.disconnect(ownAccount(person));
    },
    stays: 'While another process has servers with requests of yours, it stays until they are forgotten there as well.',
  },
  {
    name: 'preferences',
    keys: /^person:\d+$/,
    async exportOf({ person }, { preferences }) {
      const chosen = await preferences.chosen(person);
      return chosen ? [chosen] : [];
    },
    forget: ({ person }, { preferences }) => preferences.forget(person),
  },
  {
    name: 'drafts',
    keys: /^(draft:\w+|person:\d+:drafts)$/,
    async exportOf({ person }, { drafts }) {
      return drafts.of(person);
    },
    forget: ({ person }, { drafts }) => drafts.forget(person),
  },
  {
    name: 'modelsInDms',
    keys: /^guild:\d+:popularity$/,
    async exportOf({ person }, { popularity }) {
      const uses = Object.fromEntries(await popularity.of(person));
      return Object.keys(uses).length > 0 ? [uses] : [];
    },
    // In servers, uses are counted for all people together.
    forget: ({ person }, { popularity }) => popularity.forget(person),
  },
  {
    name: 'raiseRequests',
    keys: /^raise:/,
    async exportOf({ flows }, { raiseRequests }) {
      const found = await Promise.all(flows.map(({ id }) => raiseRequests.of(id)));
      return found.flatMap((request) => {
        if (!request) return [];
        const { answer, requester: _, v, ...rest } = request;
        return [{ ...rest, answer: answer && { isYes: answer.isYes, at: answer.at } }];
      });
    },
    async forget({ flows }, { raiseRequests }) {
      for (const { id } of flows) await raiseRequests.forget(id);
    },
    stays: 'Who answered the request of somebody else is a part of it. It is dropped after 60 days.',
  },
  {
    name: 'ledger',
    keys: /^guild:\d+:ledger:/,
    async exportOf(found, { ledger }) {
      const months = monthsFrom(found.since, found.now);
      const entries = await Promise.all(
        guildsOf(found).map(async (server) =>
          (await ledger.readFlows(server, flowsIn(found, server), months)).map(({ v, person: _, ...rest }) => ({
            server,
            ...rest,
          })),
        ),
      );
      return entries.flat();
    },
    async forget(found, { ledger }) {
      const months = monthsFrom(found.since, found.now);
      for (const guild of guildsOf(found)) await ledger.forget(guild, flowsIn(found, guild), months, found.now);
    },
  },
  {
    name: 'history',
    keys: /^guild:(\d+|dm-\d+):made/,
    async exportOf({ servers, person }, { history }) {
      const entries = await Promise.all(
        servers.map(async (server) => {
          const place = historyPlace(server, person);
          const made = await history.list(place, ({ by }) => by === person, 0, Number.POSITIVE_INFINITY);
          return made.entries.map(({ by: _, ...rest }) => rest);
        }),
      );
      return entries.flat();
    },
    async forget({ servers, person }, { history }) {
      for (const server of servers) {
        if (server === directMessages) await history.remove(historyPlace(server, person));
        else await history.forget(server, person);
      }
    },
  },
  {
    name: 'requests',
    keys: /^(flow:|person:\d+:(servers$|flows:))/,
    async exportOf({ flows, person }) {
      return flows.map((flow) => exported(flow, person));
    },
    async forget({ flows, listed, person }, { runner, flowsOfPeople }) {
      const open = new Set<string>();
      for (const some of inParts(flows, removedAtOnce))
        await Promise.all(some.map(async ({ id }) => void ((await runner.erase(id)) || open.add(id))));
      for (const [server, ids] of listed) {
        const gone = ids.filter((id) => !open.has(id));
        await flowsOfPeople.remove(person, server, gone);
      }
    },
    stays: 'Who confirmed, approved or declined the request of somebody else is a part of that request.',
  },
  {
    name: 'servers',
    keys: /^guild:\d+$/,
    async exportOf(found, { guildSettings }) {
      const all = await Promise.all(
        guildsOf(found).map(async (server) => {
          const settings = await guildSettings.of(server).catch(unreadable);
          return settings ? aboutIn(server, settings, found.person) : [];
        }),
      );
      return all.flat();
    },
    async forget() {},
    stays:
      'What the managers of a server decided is the server’s: who is blocked, whose spending has a limit, and who changed the settings last.',
  },
  {
    name: 'accounts',
    keys: /^account:\d+$/,
    async exportOf(found, { accounts }) {
      const all = await Promise.all(
        guildsOf(found).map(async (server) => {
          const account = await accounts.connected(server);
          return account?.by === found.person ? [{ server, name: account.byName, connectedAt: account.at }] : [];
        }),
      );
      return all.flat();
    },
    async forget() {},
    stays: 'Whoever connected the account of a server is told when it is refused, until it is disconnected.',
  },
];

/** Every other kind of record. */
export const impersonal: readonly Impersonal[] = [
  { name: 'claims', keys: /^job:/, why: 'names a job and the flow that it belongs to, so that it is adopted once' },
  { name: 'openFlows', keys: /^guild:(\d+|dm):open$/, why: 'has ids of flows alone' },
  { name: 'endedFlows', keys: /^guild:\d+:ended/, why: 'has ids of flows alone' },
  { name: 'retention', keys: /^guild:\d+:retention$/, why: 'has numbers alone' },
  { name: 'servers', keys: /^servers:\d+\/\d+$/, why: 'has ids of servers alone' },
  {
    name: 'forgetting',
    keys: /^forgetting:\d+\/\d+$/,
    why: 'has the id of whoever is being forgotten, and where they asked, until that is done',
  },
  { name: 'catalogue', keys: /^catalogue:/, why: 'is what the platform offers' },
  { name: 'versions', keys: /^(versions|restoring)$/, why: 'has numbers alone' },
  { name: 'commands', keys: /^commands:/, why: 'has a hash of the registered commands' },
  {
    name: 'sealed',
    keys: /^sealed:/,
    why: 'is sealed: the bot’s registration, whether its document was refused, and sign-ins under way, which lapse after 15 minutes',
  },
  {
    name: 'setAside',
    keys: /^aside:/,
    why: 'cannot be read, so nobody can be found in it; whoever runs the bot is told of each',
  },
];

function unreadable(error: unknown): undefined {
  if (!(error instanceof BrokenRecord)) throw error;
}

/** A flow without what is a key, what is somebody else’s, and what only draws the card. */
function exported(flow: Flow, person: string): object {
  const { reply: _reply, upload, shown, money, wait: _wait, v, requester: _requester, ...rest } = flow;
  const { look: _look, ...visible } = shown;
  const { confirmed } = money;
  return {
    ...rest,
    upload: { isOver: upload.isOver, problem: upload.problem },
    shown: visible,
    money: { ...money, confirmed: confirmed && { ...confirmed, by: confirmed.by === person ? 'me' : 'somebody else' } },
  };
}

function aboutIn(server: string, { blocked, limits, lastChange }: Settings, person: string): object[] {
  const isBlocked = blocked.people.includes(person);
  const own = limits.filter(({ scope, target }) => scope === 'person' && target === person);
  const changedAt = lastChange?.by === person ? lastChange.at : null;
  return isBlocked || own.length > 0 || changedAt !== null ? [{ server, isBlocked, limits: own, changedAt }] : [];
}
