import { Client, Events, GatewayIntentBits, Options, type RESTOptions, type WebSocketOptions } from 'discord.js';
import { buildGateway } from './gateway.ts';

/** Replacements for the network on the way to Discord. */
export type DiscordWays = Pick<RESTOptions, 'makeRequest'> & Pick<WebSocketOptions, 'buildStrategy'>;

export interface ClientSettings {
  api: string;
  /** The shards that this process runs, and how many there are in all. */
  shards: { ids: readonly number[]; count: number };
  /** Over the network when left out. */
  ways?: DiscordWays | undefined;
}

/**
 * The connection to Discord. The only intent is the one by which a server tells that it removes the bot: slash commands,
 * buttons and forms arrive without any. Caches are bounded; nothing the bot does reads from them but which servers there
 * are.
 */
export function createClient({ api, shards, ways }: ClientSettings): Client {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    // The servers are named at the sign-in; one that is away right then would hold up the start.
    waitGuildTimeout: 0,
    shards: shards.ids,
    shardCount: shards.count,
    allowedMentions: { parse: [] },
    enforceNonce: true,
    // A request with 25 MiB of files takes this long where a megabit a second goes up.
    rest: { api, timeout: 180_000, ...(ways ? { makeRequest: ways.makeRequest } : {}) },
    ws: { buildStrategy: ways?.buildStrategy ?? buildGateway },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      GuildMemberManager: 0,
      UserManager: { maxSize: 100, keepOverLimit: (user) => user.id === user.client.user.id },
      ThreadManager: Options.DefaultMakeCacheSettings.ThreadManager ?? 100,
      ApplicationCommandManager: 0,
    }),
  });
  client.on(Events.Raw, leaveOut);
  return client;
}

/** What comes with each server and would only fill caches that cannot be limited otherwise. */
const unused = ['channels', 'threads', 'roles', 'emojis', 'stickers', 'members', 'presences', 'voice_states'];

/** Told of every packet before the library reads it: of a server the bot needs to know no more than that it is there. */
function leaveOut(packet: unknown): void {
  if (!isServer(packet)) return;
  for (const name of unused) packet.d[name] = [];
}

const isServer = (packet: unknown): packet is { d: Record<string, unknown> } =>
  typeof packet === 'object' &&
  packet !== null &&
  't' in packet &&
  packet.t === 'GUILD_CREATE' &&
  'd' in packet &&
  typeof packet.d === 'object';

/**
 * Whether an error is the one discord.js 14 throws out of its own handler when Discord declares a session invalid right
 * after resuming it: the library then identifies anew by itself, so the process goes on.
 */
export const isResumeRace = (error: unknown) => error instanceof TypeError && /\[as RESUMED\]/.test(error.stack ?? '');
