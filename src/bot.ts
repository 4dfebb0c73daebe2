import { setTimeout as sleep } from 'node:timers/promises';
import { Events, RESTEvents } from 'discord.js';
import { z } from 'zod';
import { Accounts } from './accounts/accounts.ts';
import { OAuth } from './accounts/oauth.ts';
import { AccountRecords } from './accounts/records.ts';
import { Seal } from './accounts/seal.ts';
import { answerSignIn, askBeforeConnecting, warnAdministrator } from './accounts/signIn.ts';
import type { Clock } from './clock.ts';
import { commands, rulesOf } from './commands/index.ts';
import type { Config } from './config.ts';
import { defaultAccount } from './defaultAccount.ts';
import { ChannelAccess } from './discord/channelAccess.ts';
import { createClient } from './discord/client.ts';
import { guildName } from './discord/guildName.ts';
import { closedForGood, logIn, mayPass, RefusedByDiscord } from './discord/logIn.ts';
import { Messages } from './discord/messages.ts';
import { watchPlaces } from './discord/places.ts';
import { rateLimitLog } from './discord/rateLimitLog.ts';
import { Registration, registerCommands } from './discord/registration.ts';
import { Copies } from './engine/copies.ts';
import { Delivery } from './engine/delivery.ts';
import { Drawer } from './engine/drawer.ts';
import { Effects } from './engine/effects.ts';
import { FlowRecords } from './engine/records.ts';
import { Runner } from './engine/runner.ts';
import { recipes } from './flows/recipes/index.ts';
import { callbackPath, serveHttp } from './http.ts';
import { type Budget, portionOf, ReadQueue } from './kubeez/budget.ts';
import { Catalogue } from './kubeez/catalogue.ts';
import { Connection } from './kubeez/connection.ts';
import { Downloads } from './kubeez/download.ts';
import { createSockets } from './kubeez/http.ts';
import { Kubeez, type PickRequest } from './kubeez/kubeez.ts';
import { Transfers } from './kubeez/transfer.ts';
import type { Logger } from './log.ts';
import { menus } from './requests/menus.ts';
import { Router } from './router.ts';
import { Secrets } from './secrets.ts';
import { catalogueCopy } from './state/catalogueCopy.ts';
import { Drafts } from './state/drafts.ts';
import { type Lease, StartRefused, takeLease } from './state/lease.ts';
import { Made } from './state/made.ts';
import { directMessages, OpenFlows } from './state/openFlows.ts';
import { Popularity } from './state/popularity.ts';
import { Preferences } from './state/preferences.ts';
import { BrokenRecord, openStore, type Store } from './state/store.ts';

/** A running bot. */
export interface Bot {
  /** Stops in reverse order of the start, within `patience` milliseconds. Every flow goes on at the next start. */
  stop(patience?: number): Promise<void>;
}

/** What the bot is given beside its configuration. */
export interface World {
  clock: Clock;
  log: Logger;
  readBudget: Budget;
  /** What the log blanks; the bot adds every secret it comes to know. */
  secrets?: Secrets;
  /** By how much Kubeez, its files and the store are waited for longer than usual; less than 1: shorter. */
  waitFactor?: number;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Told, with a sentence, when the bot may not or cannot go on; it does nothing any more by then. */
  onEnd?(sentence: string): void;
}

/** Where results lie when their address has no host (kubeez.com/docs, rest-api). */
const mediaOrigin = 'https://media.kubeez.com';

/** What a card says when the store has lost its flow. */
const vanished =
  '⚠️ I no longer have the record of this request, so I can’t go on with it. Start again with a command. ' +
  'If you had confirmed a price, that job may have been charged: its result is in the Kubeez account that pays here.';

/** Seconds between two attempts to log in, at most. */
const longestPause = 60;

/** Milliseconds a start waits for its commands: with them it is complete, but nothing depends on them. */
const commandsWithin = 5_000;

/** What a start has made so far, in that order; it is undone in the reverse order. */
type Undo = (() => unknown)[];

/**
 * Waits for the right to act on the store, makes every part, logs in and takes up the open flows. Throws
 * {@link StartRefused} when it may not, and another error when Discord or the store refuse.
 */
export async function startBot(config: Config, world: World): Promise<Bot> {
  const { log, waitFactor = 1, signal } = world;
  const { STATE_URL: stateUrl, SHARDS: ids, SHARD_COUNT: count } = config;
  const lost = new AbortController();
  const lease = await takeLease({
    stateUrl,
    shards: ids && count ? { ids, count } : undefined,
    log,
    waitFactor,
    signal,
    onLost: () => {
      lost.abort();
      world.onEnd?.(
        'Another process of the bot has taken over this store, so this one ends. No credit was spent twice.',
      );
    },
  });
  for (let attempt = 0; ; attempt++) {
    const undo: Undo = [];
    try {
      return await startParts(config, world, lease, lost.signal, undo);
    } catch (error) {
      for (const one of undo.reverse()) await Promise.resolve(one()).catch((err) => log.warn({ err }, 'not closed'));
      try {
        if (error instanceof RefusedByDiscord) throw new StartRefused(error.message);
        if (!mayPass(error)) throw error;
        const seconds = Math.min(longestPause, 2 ** attempt);
        log.warn({ err: error, seconds }, 'Discord does not let the bot in right now; trying again');
        await sleep(seconds * 1000 * waitFactor, undefined, { signal });
      } catch (end) {
        await lease.release();
        throw end;
      }
    }
  }
}

async function startParts(config: Config, world: World, lease: Lease, lost: AbortSignal, undo: Undo): Promise<Bot> {
  const { clock, log, readBudget, waitFactor = 1, secrets = new Secrets() } = world;
  for (const secret of [config.DISCORD_TOKEN, config.KUBEEZ_TOKEN]) secrets.add(secret);
  const store = await openStore(config.STATE_URL, log, lease);
  undo.push(() => store.close());
  const popularity = new Popularity(store);
  const preferences = new Preferences(store);
  const records = new FlowRecords(store, new OpenFlows(store));
  const made = new Made(store);

  const origins = config.KUBEEZ_MEDIA_ORIGINS;
  const sealed = config.STATE_KEY && new AccountRecords(store, new Seal(config.STATE_KEY), secrets);
  const oauth =
    sealed && config.PUBLIC_URL && config.HTTP_PORT
      ? new OAuth({
          records: sealed,
          serverUrl: config.KUBEEZ_MCP_URL,
          callback: new URL(callbackPath, config.PUBLIC_URL).href,
          now: () => clock.now(),
        })
      : undefined;
  // Every process uses the bot's own account; a server's account is used by the one process that has the server.
  const shareOf = (account: string) => (account === defaultAccount ? shareOfShards(config) : 1);
  let onTools = () => {};
  const sockets = createSockets(waitFactor);
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
        now: () => clock.now(),
        onRefused,
        onTools: (tools) => {
          // Where the bot has no account of its own, what any server's account offers counts.
          if (!isListening && config.KUBEEZ_TOKEN !== undefined) return;
          catalogue.noteOffered([...tools.keys()]);
          onTools();
        },
        secrets,
        log,
      });
      return new Kubeez(
        connection,
        new ReadQueue(portionOf(readBudget, shareOf(account))),
        origins[0] ?? mediaOrigin,
        log,
        origins,
      );
    },
    warn: async (user, guild) =>
      warnAdministrator(messages, user, { id: guild, name: await guildName(client.rest, guild) }),
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

  const client = createClient({ api: config.DISCORD_API_URL, shards: config.SHARDS, shardCount: config.SHARD_COUNT });
  undo.push(() => client.destroy());
  const messages = new Messages(client.rest);

  const drawer = new Drawer({ messages, clock, log, onLost: (id) => runner.post(id, { type: 'cardLost' }) });
  const downloads = new Downloads(origins, waitFactor);
  const delivery = new Delivery({
    messages,
    drawer,
    downloads,
    preferences,
    clock,
    log,
    note: async (id, event) => void (await runner.send(id, event)),
  });
  const effects = new Effects(
    {
      accounts,
      catalogue,
      messages,
      drawer,
      delivery,
      records,
      popularity,
      downloads,
      preferences,
      transfers: new Transfers(downloads),
      made,
      clock,
    },
    (id, event) => runner.post(id, event),
  );
  const pollMs = config.KUBEEZ_POLL_SECONDS * 1000;
  const runner = new Runner({
    records,
    clock,
    log,
    pollMs,
    waitFactor,
    shareOf,
    cards: drawer,
    onVanished: (id, { channel, message }) => void drawer.giveUp(id, channel, message, vanished),
    act: async (effect, flow, log) => {
      // The last moment before credits are spent: another process may have taken over since the record was saved.
      if (effect.do === 'submit' && !(await lease.isHeld()))
        return runner.post(flow.id, {
          type: 'submitRefused',
          start: flow.begun,
          again: true,
          reason: { code: 'outage' },
        });
      return effects.act(effect, flow, log);
    },
  });
  const router = new Router({
    commands,
    rulesOf,
    menus,
    drawer,
    records,
    runner,
    catalogue,
    accounts,
    oauth,
    canConnect: sealed !== undefined,
    popularity,
    access: new ChannelAccess(client.rest, clock, log),
    preferences,
    made,
    drafts: new Drafts(store),
    messages,
    guildName: (guild) => guildName(client.rest, guild),
    copies: new Copies({ accounts, delivery, downloads, log }),
    clock,
    log,
    placeOf: watchPlaces(client),
  });

  lost.addEventListener('abort', () => {
    runner.halt();
    router.halt();
    void drawer.stop();
    void client.destroy();
  });
  client.on(Events.InteractionCreate, (interaction) => router.handle(interaction));
  client.on(Events.ShardDisconnect, ({ code }) => world.onEnd?.(closedForGood(code)));
  client.on(Events.Error, (err) => log.error({ err }, 'discord client'));
  client.on(Events.ShardError, (err, shard) => log.warn({ err, shard }, 'gateway'));
  client.rest.on(RESTEvents.RateLimited, rateLimitLog(clock, log));

  undo.push(() => catalogue.stop());
  await catalogue.start();
  await logIn(client, config.DISCORD_TOKEN, world.signal);
  const registration = new Registration({
    register: () => register(client, catalogue, config.DISCORD_GUILD_ID, store, log),
    clock,
    log,
  });
  undo.push(() => registration.stop());
  const registered = registration.now();
  // A server that has other tools now may have commands more or less.
  onTools = () => void registration.now();
  // Paid jobs first, whatever becomes of everything else.
  const resumed = await runner.resume(ownServers(client));
  await Promise.race([registered, sleep(commandsWithin, undefined, { ref: false })]);
  const signInParts = { oauth, accounts, catalogue, messages, clock, log };
  const http =
    config.HTTP_PORT === undefined
      ? undefined
      : serveHttp(config.HTTP_PORT, {
          isHttps: config.PUBLIC_URL?.startsWith('https:') ?? false,
          isWell: () => client.isReady(),
          arrived: (query) => askBeforeConnecting(query, signInParts),
          answered: (answer) => answerSignIn(answer, signInParts),
          clock,
          log,
        });
  log.info({ user: client.user?.tag, servers: client.guilds.cache.size, resumed }, 'ready');

  return {
    async stop(patience = 8000) {
      log.info('stopping');
      const steps = async () => {
        http?.close();
        registration.stop();
        await router.stop();
        await runner.stop(patience - 1000);
        await drawer.stop();
        await runner.keepLooks();
        catalogue.stop();
        await client.destroy();
        await accounts.close();
        await sockets.destroy();
        await store.close();
        await lease.release();
      };
      await Promise.race([steps(), new Promise((resolve) => setTimeout(resolve, patience).unref())]);
    },
  };
}

type Client = ReturnType<typeof createClient>;

/** The part of all shards that this process runs. */
const shareOfShards = ({ SHARDS, SHARD_COUNT }: Config) => (SHARDS && SHARD_COUNT ? SHARDS.length / SHARD_COUNT : 1);

/** The servers whose flows belong to this process; DMs belong to shard 0. */
function ownServers(client: Client): string[] {
  const hasShardZero = client.ws.shards.has(0);
  return [...client.guilds.cache.keys(), ...(hasShardZero ? [directMessages] : [])];
}

const hashSchema = z.object({ v: z.literal(1), hash: z.string() });

/** The kinds of work for which the server is asked to pick a model. */
const picksWanted = (): Record<string, PickRequest> =>
  Object.fromEntries(Object.values(recipes).flatMap(({ name, pick }) => (pick ? [[name, pick]] : [])));

/** The hash of what is registered; one that cannot be read is as good as none. */
async function hashAt(store: Store, key: string): Promise<string | undefined> {
  try {
    return (await store.get(key, hashSchema))?.hash;
  } catch (error) {
    if (error instanceof BrokenRecord) return undefined;
    throw error;
  }
}

/**
 * Registers every command but those that need what the server does not offer. Before that is known, whatever is
 * registered stays; where nothing is, it begins with those that are always there.
 */
async function register(
  client: Client,
  catalogue: Catalogue,
  guild: string | undefined,
  store: Store,
  log: Logger,
): Promise<void> {
  const application = client.application?.id;
  // Every process has the same commands: the one with shard 0 registers them.
  if (!application || !client.ws.shards.has(0)) return;
  const offered = commands.filter(({ needs }) => needs === undefined || catalogue.offers(needs));
  const definitions = [...offered, ...menus].map(({ data }) => data);
  const remembered = {
    get: (key: string) => hashAt(store, key),
    set: (key: string, hash: string) => store.set(key, { v: 1, hash }),
  };
  const isKnown = catalogue.offers('models') !== undefined;
  const changed = await registerCommands(client.rest, application, guild, definitions, remembered, isKnown);
  log.info({ changed, commands: definitions.length }, 'commands');
}
