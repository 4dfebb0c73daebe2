import { Client, Options, type RESTOptions, type WebSocketOptions } from 'discord.js';

/** Replacements for the network on the way to Discord. */
export type DiscordWays = Pick<RESTOptions, 'makeRequest'> & Pick<WebSocketOptions, 'buildStrategy'>;

export interface ClientSettings {
  api: string;
  shards?: number[] | undefined;
  shardCount?: number | undefined;
  /** Over the network when left out. */
  ways?: DiscordWays | undefined;
}

/**
 * The connection to Discord. No intents: slash commands, buttons and forms arrive without any. Caches are bounded;
 * nothing the bot does reads from them.
 */
export function createClient({ api, shards, shardCount, ways }: ClientSettings): Client {
  return new Client({
    intents: [],
    ...(shards ? { shards } : {}),
    ...(shardCount ? { shardCount } : {}),
    allowedMentions: { parse: [] },
    enforceNonce: true,
    // A request with 25 MiB of files takes this long where a megabit a second goes up.
    rest: { api, timeout: 180_000, ...(ways ? { makeRequest: ways.makeRequest } : {}) },
    ...(ways?.buildStrategy ? { ws: { buildStrategy: ways.buildStrategy } } : {}),
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
}

/**
 * Whether an error is the one discord.js 14 throws out of its own handler when Discord declares a session invalid right
 * after resuming it: the library then identifies anew by itself, so the process goes on.
 */
export const isResumeRace = (error: unknown) =>
  error instanceof TypeError && /discord\.js.+handlers.RESUMED\.js/.test(error.stack ?? '');
