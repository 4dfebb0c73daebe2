import { setTimeout as sleep } from 'node:timers/promises';
import { Events, RESTEvents, ShardClientUtil, Status } from 'discord.js';
import pTimeout from 'p-timeout';
import { z } from 'zod';
import { defaultAccount } from './accountNames.ts';
import { clientDocument } from './accounts/clientMetadata.ts';
import { answerSignIn, askBeforeConnecting } from './accounts/signIn.ts';
import type { Clock } from './clock.ts';
import { greet } from './commands/help/greet.ts';
import { commands, rulesOf } from './commands/index.ts';
import { goOnForgetting } from './commands/privacy/forgetting.ts';
import { register } from './commands/register.ts';
import type { Config } from './config.ts';
import { ChannelAccess } from './discord/channelAccess.ts';
import { CommandIds } from './discord/commandIds.ts';
import { inviteLink } from './discord/invite.ts';
import { closedForGood, logIn, mayPass, RefusedByDiscord } from './discord/logIn.ts';
import { channelName, guildName, personName } from './discord/names.ts';
import { watchPlaces } from './discord/places.ts';
import { rateLimitLog } from './discord/rateLimitLog.ts';
import { Registration } from './discord/registration.ts';
import { watchServers } from './discord/servers.ts';
import { Unanswered } from './discord/unanswered.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { openFlowOf } from './engine/records.ts';
import { loadConfusables } from './guilds/lookAlikes.ts';
import { type Http, type Pages, serveHttp, signInAddresses } from './http.ts';
import type { Budget } from './kubeez/budget.ts';
import { loadMcp } from './kubeez/connection.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { CommandParts } from './requests/command.ts';
import { menus } from './requests/menus.ts';
import { type Handlers, handlersOf, type InteractionWatcher, Router } from './router.ts';
import { Secrets } from './secrets.ts';
import { everyShard, type Lease, type Shards, StartRefused, takeLease, type WantedShards } from './state/lease.ts';
import { mendStore } from './state/mend.ts';
import { directMessages } from './state/servers.ts';
import { overrideTexts, t } from './text/text.ts';
import { type Network, openWorlds, type Undo, type WorldSettings, type Worlds } from './worlds.ts';

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
  /** Ways to the outside worlds that are not the network. */
  network?: Network;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Told, with a sentence, when the bot may not or cannot go on; it does nothing any more by then. */
  onEnd?(sentence: string): void;
}

/** Seconds between two attempts to log in, at most. */
const longestPause = 60;

/** Milliseconds after which commands are put together, though flows are still being taken up. */
const flowsWithin = 5_000;

/** Milliseconds a start waits for its commands: with them it is complete, but nothing depends on them. */
const commandsWithin = 5_000;

/**
 * Waits for the right to act on the store, makes every part, logs in and takes up the open flows. Throws
 * {@link StartRefused} when it may not, and another error when Discord or the store refuse.
 */
export async function startBot(config: Config, world: World): Promise<Bot> {
  const { HTTP_PORT: port, PUBLIC_URL: address } = config;
  const { clock, log } = world;
  const isHttps = address?.startsWith('https:') ?? false;
  // First of all: a process may wait for long until it may act, and supervisors look whether it is alive.
  const settings = { isHttps, clientDocument: documentOf(config), clock, log };
  const http = port === undefined ? undefined : serveHttp(port, settings);
  try {
    return await startWhenFree(config, world, http);
  } catch (error) {
    http?.close();
    throw error;
  }
}

/** Sentences of whoever runs the bot; what reads them is loaded only where there are any. */
async function textsOf({ TEXTS_FILE: file }: Config) {
  if (file === undefined) return undefined;
  const { readTextsFile } = await import('./text/textsFile.ts');
  return readTextsFile(file);
}

/** Loads all that a login has no need of. Nothing is left for later: whoever updates the bot replaces its files while it runs. */
export async function loadRest(): Promise<void> {
  loadConfusables();
  await Promise.all([loadMcp(), import('./kubeez/fileType.ts'), import('./accounts/mcpAuth.ts')]);
}

/** What the bot says of itself to sign-in servers; undefined where nobody can sign in, or not by https. */
function documentOf({ STATE_KEY, PUBLIC_URL }: Config): string | undefined {
  if (!STATE_KEY || !PUBLIC_URL) return undefined;
  const { callback, document } = signInAddresses(PUBLIC_URL);
  return document && clientDocument(document, callback);
}

async function startWhenFree(config: Config, world: World, http: Http | undefined): Promise<Bot> {
  const { log, waitFactor = 1, signal } = world;
  const texts = await textsOf(config);
  if (texts?.ok === false) throw new StartRefused(texts.sentence);
  overrideTexts(texts?.overrides ?? new Map());
  const lost = new AbortController();
  const onLost = () => {
    lost.abort();
    world.onEnd?.(t('start.takenOver'));
  };
  const { lease, shards } = await takeLease({
    stateUrl: config.STATE_URL,
    shards: wantedShards(config),
    log,
    waitFactor,
    signal,
    lease: world.network?.lease(onLost),
    onSpare: () => http?.show('spare'),
    onLost,
  });
  http?.show(undefined);
  try {
    const isAlone = shards.count === 1;
    if (!world.network) await mendStore({ stateUrl: config.STATE_URL, isAlone, openRequest: openFlowOf, log });
  } catch (error) {
    await lease.release();
    throw error;
  }
  for (let attempt = 0; ; attempt++) {
    const undo: Undo = [];
    try {
      return await startParts(config, world, { lease, shards, http }, lost.signal, undo);
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

/** What a process may act for, and by what right; and its port, if it has one. */
interface Right {
  lease: Lease;
  shards: Shards;
  http: Http | undefined;
}

/** The shards that the settings name; all of them when they name none. */
const wantedShards = ({ SHARDS, SHARD_COUNT: count }: Config): WantedShards => {
  if (count === undefined) return everyShard;
  const isOneEnough = SHARDS === 'auto';
  return { ids: isOneEnough || !SHARDS ? Array.from({ length: count }, (_, id) => id) : SHARDS, count, isOneEnough };
};

async function startParts(config: Config, world: World, right: Right, lost: AbortSignal, undo: Undo): Promise<Bot> {
  const { lease, shards, http } = right;
  const { clock, log, readBudget, waitFactor = 1, secrets = new Secrets(), network } = world;
  for (const secret of [config.DISCORD_TOKEN, config.KUBEEZ_TOKEN]) secrets.add(secret);
  let registration: Registration | undefined;
  // A server that has other tools now may have commands more or less.
  const onTools = () => void registration?.now();
  let metrics: Metrics | undefined;
  const onPaidCall: WorldSettings['onPaidCall'] = (outcome) => metrics?.paidCall(outcome);
  const { signal } = world;
  const settings = { clock, log, readBudget, waitFactor, signal, secrets, lease, shards, network, onTools, onPaidCall };
  const worlds = await openWorlds(config, settings, undo);
  const { client, catalogue, store } = worlds;
  const pollMs = config.KUBEEZ_POLL_SECONDS * 1000;
  metrics = await openMetrics(config, worlds, lease, { engine: () => engine, handlers: () => handlers }, clock);
  const mayAct = () => lease.isHeld();
  const engine = createEngine({ ...worlds, mayAct, pollMs, waitFactor, watcher: metrics, clock, log });
  const access = new ChannelAccess(client.rest, clock, log);
  const commandIds = new CommandIds(client.rest);
  const parts = commandParts({ ...worlds, access, commandIds }, engine, clock, log);
  const handlers = handlersOf(commands, menus, parts);
  const router = createRouter(handlers, parts, worlds, engine, metrics);
  if (metrics) http?.show(pagesOf(worlds, lease, metrics, clock, log));
  undo.push(() => http?.show(undefined));

  lost.addEventListener('abort', () => {
    engine.lines.stop();
    engine.effects.stop();
    engine.refunds.stop();
    void engine.retention.stop();
    void engine.removedServers.stop();
    engine.runner.halt();
    router.halt();
    void engine.drawer.stop();
    void client.destroy();
  });
  const { signedIn, invited, removed } = engine.removedServers;
  watchServers(client, {
    signedIn,
    removed,
    invited: (server, channel) => {
      if (invited(server)) void greet(server, channel, parts);
    },
  });
  client.on(Events.InteractionCreate, (interaction) => router.handle(interaction));
  client.on(Events.ShardDisconnect, ({ code }) => world.onEnd?.(closedForGood(code)));
  client.on(Events.Error, (err) => log.error({ err }, 'discord client'));
  client.on(Events.ShardError, (err, shard) => log.warn({ err, shard }, 'gateway'));
  client.rest.on(RESTEvents.RateLimited, rateLimitLog(clock, log));
  if (metrics) client.rest.on(RESTEvents.Response, metrics.onResponse);

  await catalogue.recall();
  await engine.removedServers.read(ownShards(shards));
  await logIn(client, config.DISCORD_TOKEN, world.signal);
  // Not before, because a login needs none of it; and at once, so that no first answer waits for it.
  await Promise.all([catalogue.start(), loadMcp()]);
  // Paid jobs first, whatever becomes of everything else.
  const present = ownServers(client);
  const inPresent = engine.runner.resume(present);
  // All commands in all languages are a tenth of a second's work: those who press at once come first.
  await pTimeout(inPresent, { milliseconds: flowsWithin, message: false });
  registration = new Registration({
    register: () => registerCommands(config, worlds, commandIds, log),
    clock,
    log,
  });
  undo.push(() => registration?.stop());
  const registered = registration.now();
  const resumed = (await inPresent) + (await engine.runner.resumeRemoved(ownShards(shards), present));
  engine.lines.open();
  worlds.logChannel.reportStart();
  engine.removedServers.start();
  engine.retention.start(() => [...client.guilds.cache.keys()]);
  void goOnForgetting(ownShards(shards), parts);
  await pTimeout(registered, { milliseconds: commandsWithin, message: false });
  await loadRest();
  log.info({ user: client.user?.tag, servers: client.guilds.cache.size, resumed }, 'ready');
  const application = client.application?.id;
  if (application && isInNoServer(client)) log.info(t('start.noServer', { link: inviteLink(application) }));

  return {
    async stop(patience = 8000) {
      log.info('stopping');
      const steps = async () => {
        http?.close();
        registration?.stop();
        engine.runner.beginToEnd();
        await router.stop();
        engine.lines.stop();
        engine.effects.stop();
        engine.refunds.stop();
        await engine.retention.stop();
        await engine.removedServers.stop();
        await engine.runner.stop(Math.max(1, patience - 1000));
        await engine.drawer.stop();
        await engine.runner.keepLooks();
        await worlds.popularity.write();
        catalogue.stop();
        await client.destroy();
        await worlds.accounts.close();
        await worlds.sockets.destroy();
        await store.close();
        await lease.release();
      };
      await pTimeout(steps(), { milliseconds: patience, message: false });
    },
  };
}

/** What commands are given to work with. */
function commandParts(
  worlds: Worlds & Pick<CommandParts, 'access' | 'commandIds'>,
  engine: Engine,
  clock: Clock,
  log: Logger,
): CommandParts {
  const { client } = worlds;
  return {
    ...worlds,
    ...engine,
    unanswered: new Unanswered(),
    rulesOf,
    canConnect: worlds.sealed !== undefined,
    isOurs: (guild: string | null) => hasServer(client, guild),
    guildName: (guild: string) => guildName(client.rest, guild),
    personName: (guild: string, person: string) => personName(client.rest, guild, person),
    channelName: (channel: string) => channelName(client.rest, channel),
    clock,
    log,
  };
}

/** What leads interactions to commands and flows. */
const createRouter = (
  handlers: Handlers,
  parts: CommandParts,
  { client }: Worlds,
  { removedServers }: Engine,
  watcher: InteractionWatcher | undefined,
): Router =>
  new Router({
    handlers,
    placeOf: watchPlaces(client),
    languages: parts.languages,
    unanswered: parts.unanswered,
    isClosed: (guild) => removedServers.isForgetting(guild),
    watcher,
    log: parts.log,
  });

/** Every process has the same commands: the one with shard 0 registers them, and all know what ids they have. */
async function registerCommands(
  { DISCORD_GUILD_ID: guild }: Config,
  { client: { application, ws, rest }, catalogue, store }: Worlds,
  ids: CommandIds,
  log: Logger,
): Promise<void> {
  if (!application) return;
  const offers: typeof catalogue.offers = (capability) => catalogue.offers(capability);
  const isRegistrar = ws.shards.has(0);
  const registered = isRegistrar
    ? await register({ rest, application: application.id, guild, offers, store, log })
    : undefined;
  try {
    if (registered !== undefined) ids.take(registered);
    else if (!isRegistrar || !ids.areKnown) await ids.read(application.id, guild);
  } catch (err) {
    // The help names what it cannot lead to.
    log.warn({ err }, 'ids of the commands not read');
  }
}

/** What the bot tells of itself, if it has a port: without one nothing is loaded, counted or measured. */
async function openMetrics(
  config: Config,
  { client, store, accounts }: Worlds,
  lease: Lease,
  later: { engine(): Engine; handlers(): Handlers },
  clock: Clock,
): Promise<Metrics | undefined> {
  if (config.HTTP_PORT === undefined) return undefined;
  const { Metrics } = await import('./metrics.ts');
  const metrics = new Metrics({
    clock,
    names: () => [
      ...commands.map(({ name }) => name),
      ...menus.map(({ define }) => define().name),
      ...Object.keys(later.handlers()),
    ],
    watched: {
      shards: () => ({ all: Math.max(1, client.ws.shards.size), connected: connectedShards(client) }),
      isLeaseHeld: () => lease.isHeld(),
      readsLeft: () => accounts.ownReadsLeft,
      startsLeft: () => later.engine().lines.startsLeft(defaultAccount),
    },
  });
  store.onAnswered = (operation, milliseconds) => metrics.stored(operation, milliseconds);
  return metrics;
}

const connectedShards = ({ ws }: Worlds['client']) => ws.shards.filter(({ status }) => status === Status.Ready).size;

/** Why the bot cannot do its work right now, in one word. */
async function obstacleOf({ client, store }: Worlds, lease: Lease): Promise<'lease' | 'gateway' | 'store' | undefined> {
  // Whoever loses the lease leaves Discord as well.
  if (!(await lease.isHeld())) return 'lease';
  if (!client.isReady() || connectedShards(client) < client.ws.shards.size) return 'gateway';
  return store.get('health', z.unknown()).then(
    () => undefined,
    () => 'store' as const,
  );
}

/** What is behind the bot's port: where sign-ins come back to, and what it tells supervisors. */
function pagesOf(worlds: Worlds, lease: Lease, metrics: Metrics, clock: Clock, log: Logger): Pages {
  const parts = { ...worlds, clock, log };
  return {
    isWell: () => worlds.client.isReady(),
    obstacle: () => obstacleOf(worlds, lease),
    metrics: () => metrics.text(),
    arrived: (query) => askBeforeConnecting(query, parts),
    answered: (answer) =>
      answerSignIn(answer, {
        ...parts,
        onConnected: (guild, by) => worlds.logChannel.tell(guild, { what: 'connected', by }),
      }),
  };
}

/** Whether a server belongs to this process; DMs (null) belong to shard 0. */
function hasServer({ ws, options }: Worlds['client'], guild: string | null): boolean {
  return ws.shards.has(guild === null ? 0 : ShardClientUtil.shardIdForGuildId(guild, options.shardCount ?? 1));
}

/** Whether nobody has invited the bot yet. Of several processes none knows of the servers of all. */
const isInNoServer = ({ guilds, ws, options }: Worlds['client']) =>
  guilds.cache.size === 0 && ws.shards.size === (options.shardCount ?? 1);

/** The servers whose flows belong to this process; DMs belong to shard 0. */
function ownServers(client: Worlds['client']): string[] {
  const hasShardZero = client.ws.shards.has(0);
  return [...client.guilds.cache.keys(), ...(hasShardZero ? [directMessages] : [])];
}

const ownShards = ({ ids, count }: Shards): string[] => ids.map((id) => `${id}/${count}`);
