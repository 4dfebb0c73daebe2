import type { RequestOptions } from 'node:http';
import { ShardClientUtil } from 'discord.js';
import type { KeyvStoreAdapter } from 'keyv';
import { defaultAccount, ownerOf } from './accountNames.ts';
import { Accounts } from './accounts/accounts.ts';
import { OAuth } from './accounts/oauth.ts';
import { AccountRecords, accountKey } from './accounts/records.ts';
import { Seal } from './accounts/seal.ts';
import { warnOfRefusal } from './accounts/signIn.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { createClient, type DiscordWays } from './discord/client.ts';
import { Messages } from './discord/messages.ts';
import { guildName } from './discord/names.ts';
import { LogChannel } from './engine/logChannel.ts';
import { FlowRecords } from './engine/records.ts';
import { recipes } from './flows/recipes/index.ts';
import { Languages } from './guilds/languages.ts';
import { Ledger } from './guilds/ledger.ts';
import { RaiseRequests } from './guilds/raiseRequests.ts';
import { GuildSettings } from './guilds/settings.ts';
import { signInAddresses } from './http.ts';
import { type Budget, portionOf, ReadQueue } from './kubeez/budget.ts';
import { Catalogue } from './kubeez/catalogue.ts';
import { Connection, type ConnectionSettings } from './kubeez/connection.ts';
import { type Answered, Downloads } from './kubeez/download.ts';
import { createSockets, type Fetch } from './kubeez/http.ts';
import { type OpenFiles, onDisk } from './kubeez/keptFiles.ts';
import { Kubeez, type PickRequest } from './kubeez/kubeez.ts';
import { OddAnswers } from './kubeez/oddAnswers.ts';
import type { Logger } from './log.ts';
import type { Secrets } from './secrets.ts';
import { catalogueCopy } from './state/catalogueCopy.ts';
import { Drafts } from './state/drafts.ts';
import { EndedFlows } from './state/endedFlows.ts';
import { FlowsOfPeople } from './state/flowsOfPeople.ts';
import { Forgetting } from './state/forgetting.ts';
import { History } from './state/history.ts';
import type { Lease, Shards } from './state/lease.ts';
import { OpenFlows } from './state/openFlows.ts';
import { Popularity } from './state/popularity.ts';
import { Preferences } from './state/preferences.ts';
import { refuseNewer } from './state/refuseNewer.ts';
import { directMessages, Servers } from './state/servers.ts';
import { BrokenRecord, openStore, storeOn } from './state/store.ts';
import { speaking } from './text/text.ts';

/** What a start has made so far, in that order; it is undone in the reverse order. */
export type Undo = (() => unknown)[];

/**
 * Ways to the outside worlds that are not the network. The simulator has everything in one process; nobody else sets
 * them.
 */
export interface Network {
  discord: DiscordWays;
  /** MCP's requests. */
  kubeez: Fetch;
  /** Asks for a file, once; an address that may not be asked never gets here. */
  files(url: URL, options: RequestOptions): Promise<Answered>;
  openFiles: OpenFiles;
  store: KeyvStoreAdapter;
  /** @param onLost told once, when another process has the lease now */
  lease(onLost: () => void): Lease;
}

/** What the outside worlds are opened with. */
export interface WorldSettings {
  clock: Clock;
  log: Logger;
  readBudget: Budget;
  secrets: Secrets;
  waitFactor: number;
  /** Ends a start that is under way. */
  signal?: AbortSignal | undefined;
  lease: Lease;
  shards: Shards;
  network?: Network | undefined;
  /** Told what became of each call of Kubeez that costs credits. */
  onPaidCall?: ConnectionSettings['onPaidCall'];
  /** Told when the server's tools are known, or known anew. */
  onTools(): void;
}

/** The three outside worlds: the store, Discord, and Kubeez with the accounts that pay there. */
export interface Worlds extends Stored, DiscordWorld, KubeezWorld, Spoken {}

/** What speaks to servers and people by itself. */
interface Spoken {
  languages: Languages;
  logChannel: LogChannel;
}

/** Opens the store and makes the clients of Discord and Kubeez; none of them is connected yet. */
export async function openWorlds(config: Config, settings: WorldSettings, undo: Undo): Promise<Worlds> {
  const stored = await openStored(config, settings, undo);
  const discord = createDiscord(config, settings, undo);
  const { clock, log, waitFactor } = settings;
  const { preferences, guildSettings } = stored;
  const inDiscord = (guild: string) => discord.client.guilds.cache.get(guild)?.preferredLocale;
  const languages = new Languages({ preferences, settings: guildSettings, inDiscord, clock, log, waitFactor });
  const logChannel = new LogChannel({ settings: guildSettings, messages: discord.messages, languages, clock, log });
  const kubeez = createKubeez(config, settings, stored, { ...discord, languages, logChannel }, undo);
  return { ...stored, ...discord, ...kubeez, languages, logChannel };
}

type Stored = Awaited<ReturnType<typeof openStored>>;

async function openStored(config: Config, settings: WorldSettings, undo: Undo) {
  const { clock, log, lease, shards, secrets, network } = settings;
  const store = network ? storeOn(network.store, log, lease) : await openStore(config.STATE_URL, log, lease);
  undo.push(() => store.close());
  await refuseNewer(store, log, settings);
  const ledger = new Ledger(store, log);
  const flowsOfPeople = new FlowsOfPeople(store);
  const guildSettings = new GuildSettings(store);
  const ended = new EndedFlows(store);
  const history = new History(store);
  const servers = new Servers(store, shardOf(shards));
  return {
    store,
    records: new FlowRecords(store, new OpenFlows(store, servers), flowsOfPeople, ledger, { ended, history }),
    servers,
    forgetting: new Forgetting(store, servers),
    flowsOfPeople,
    endedFlows: ended,
    ledger,
    guildSettings,
    raiseRequests: new RaiseRequests(store, guildSettings),
    popularity: new Popularity(store, clock, log),
    preferences: new Preferences(store),
    history,
    drafts: new Drafts(store),
    forgetAccount: (guild: string) => store.delete(accountKey(guild)),
    sealed: config.STATE_KEY ? new AccountRecords(store, new Seal(config.STATE_KEY), secrets) : undefined,
  };
}

type DiscordWorld = ReturnType<typeof createDiscord>;

function createDiscord({ DISCORD_API_URL: api }: Config, { shards, network }: WorldSettings, undo: Undo) {
  const client = createClient({ api, shards, ways: network?.discord });
  undo.push(() => client.destroy());
  return { client, messages: new Messages(client.rest) };
}

/** Where results lie when their address has no host (kubeez.com/docs, rest-api). */
const mediaOrigin = 'https://media.kubeez.com';

type KubeezWorld = ReturnType<typeof createKubeez>;

function createKubeez(
  config: Config,
  { clock, log, readBudget, secrets, waitFactor, shards, network, onTools, onPaidCall }: WorldSettings,
  { sealed, store, guildSettings, preferences }: Stored,
  { client, messages, languages, logChannel }: DiscordWorld & Spoken,
  undo: Undo,
) {
  const origins = config.KUBEEZ_MEDIA_ORIGINS;
  const oauth =
    sealed && config.PUBLIC_URL && config.HTTP_PORT
      ? new OAuth({
          records: sealed,
          serverUrl: config.KUBEEZ_MCP_URL,
          ...signInAddresses(config.PUBLIC_URL),
          now: () => clock.now(),
        })
      : undefined;
  // A server's account is used by the one process that has the server; the bot's own and those of people by every process.
  const isShared = (account: string) => account === defaultAccount || ownerOf(account) !== undefined;
  const shareOf = (account: string) => (isShared(account) ? shards.ids.length / shards.count : 1);
  const sockets = createSockets(waitFactor);
  const oddAnswers = new OddAnswers();
  const era = { hasSessions: true };
  undo.push(() => sockets.destroy());
  const accounts = new Accounts({
    token: config.KUBEEZ_TOKEN,
    records: sealed,
    oauth,
    make: (signIn, account, onRefused) => {
      const isListening = account === defaultAccount;
      const connection = new Connection({
        url: config.KUBEEZ_MCP_URL,
        signIn,
        isListening,
        waitFactor,
        sockets,
        fetch: network?.kubeez,
        now: () => clock.now(),
        onRefused,
        onPaidCall,
        onTools: (tools) => {
          // Where the bot has no account of its own, what any server's account offers counts.
          if (!isListening && config.KUBEEZ_TOKEN !== undefined) return;
          catalogue.noteOffered([...tools.keys()]);
          onTools();
        },
        secrets,
        oddAnswers,
        era,
        log,
      });
      const reads = new ReadQueue(portionOf(readBudget, shareOf(account)));
      return new Kubeez(connection, reads, origins[0] ?? mediaOrigin, log, origins);
    },
    allowsOwn: (guild) => allowsOwn(guild, guildSettings),
    prefersOwn: async (person) => (await preferences.of(person)).account === 'own',
    warn: async (user, account) => {
      const isOwn = ownerOf(account) !== undefined;
      if (!isOwn) logChannel.tell(account, { what: 'accountTrouble' });
      const server = isOwn ? undefined : await guildName(client.rest, account);
      const language = await languages.ofPerson(user, undefined, isOwn ? null : account);
      await speaking(language, () => warnOfRefusal(messages, user, account, server));
    },
    log,
  });
  undo.push(() => accounts.close());
  const catalogue = new Catalogue({
    read: async () => (await accounts.any()).models(),
    picks: { kinds: picksWanted(), read: async (request) => (await accounts.any()).pick(request) },
    copy: catalogueCopy(store),
    clock,
    log,
  });
  undo.push(() => catalogue.stop());
  const downloads = new Downloads(origins, waitFactor, undefined, network?.files);
  const openFiles = network?.openFiles ?? onDisk(log);
  return { oauth, accounts, catalogue, sockets, shareOf, downloads, openFiles, oddAnswers };
}

/** Where nobody can tell what a server allows, nothing can be made anyway: whoever asks is told why. */
async function allowsOwn(guild: string, settings: GuildSettings): Promise<boolean> {
  try {
    return (await settings.of(guild)).rules.ownAccounts;
  } catch (error) {
    if (error instanceof BrokenRecord) return false;
    throw error;
  }
}

/** Tells the shard of a server. */
const shardOf =
  ({ count }: Shards) =>
  (server: string): string =>
    `${server === directMessages ? 0 : ShardClientUtil.shardIdForGuildId(server, count)}/${count}`;

/** The kinds of work for which the server is asked to pick a model. */
const picksWanted = (): Record<string, PickRequest> =>
  Object.fromEntries(Object.values(recipes).flatMap(({ name, pick }) => (pick ? [[name, pick]] : [])));
