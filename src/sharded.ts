import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { REST, Routes, type Shard, ShardingManager } from 'discord.js';
import { z } from 'zod';
import { configOrEnd } from './configOrEnd.ts';
import { createLogger } from './log.ts';
import { Secrets } from './secrets.ts';
import { inTheirLanguage } from './text/ofTerminal.ts';
import { t } from './text/text.ts';

/**
 * `npm run start:sharded`: the bot on one computer, a process for each shard. Starts a process again when it has ended;
 * passes a signal on, and waits for all of them.
 */

/** Milliseconds until as many processes may log in again as Discord allows at the same time. */
const loginEvery = 5_500;
/** Milliseconds until a process that has ended is started again: twice as long each time, until one has run for a while. */
const shortestPause = 1_000;
const longestPause = 60_000;

const { DISCORD_TOKEN: token, DISCORD_API_URL: api, ...config } = configOrEnd();
const { SHARD_COUNT: count, SHARDS, HTTP_PORT: port } = config;
if (config.STATE_URL.startsWith('sqlite:') || count === undefined) {
  console.error(inTheirLanguage(process.env, () => t('start.refused', { sentence: t('start.shardedNeeds') })));
  process.exit(1);
}

const secrets = new Secrets();
secrets.add(token);
const log = createLogger(config.LOG_LEVEL, undefined, secrets);
const manager = new ShardingManager(fileURLToPath(new URL('./main.js', import.meta.url)), {
  token,
  totalShards: count,
  execArgv: process.execArgv,
  // Without a pause it would start one that cannot start a hundred times a minute.
  respawn: false,
});

const stopping = new AbortController();
const pause = (milliseconds: number) =>
  sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined);

let first: NodeJS.Signals | undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // Whoever sends it twice does not want to wait.
    if (first === signal) process.exit(1);
    first ??= signal;
    stopping.abort();
    for (const { process: child } of manager.shards.values()) child?.kill('SIGTERM');
  });
}

const ids = Array.isArray(SHARDS) ? SHARDS : Array.from({ length: count }, (_, id) => id);
const atOnce = await loginsAtOnce();
const running: Promise<void>[] = [];
for (const [index, id] of ids.entries()) {
  if (index > 0 && index % atOnce === 0) await pause(loginEvery);
  running.push(keepRunning(manager.createShard(id)));
}
await Promise.all(running);

/** Starts the process of a shard, again and again, until all are to stop and it has ended. */
async function keepRunning(shard: Shard): Promise<void> {
  // Each needs a port of its own; sign-ins may come back to any of them.
  if (port !== undefined) shard.env = { ...Object(shard.env), HTTP_PORT: String(port + shard.id) };
  let wait = shortestPause;
  while (!stopping.signal.aborted) {
    const startedAt = performance.now();
    const ended = once(shard, 'death');
    // Resolves at once; nobody waits until it is connected.
    await shard.spawn(-1);
    await ended;
    if (stopping.signal.aborted) return;
    if (performance.now() - startedAt > longestPause) wait = shortestPause;
    log.warn({ shard: shard.id, seconds: wait / 1000 }, 'a process has ended; it is started again');
    await pause(wait);
    wait = Math.min(2 * wait, longestPause);
  }
}

/** How many shards Discord lets log in at the same time: more than one only for the largest bots. */
async function loginsAtOnce(): Promise<number> {
  const schema = z.object({ session_start_limit: z.object({ max_concurrency: z.int().positive() }) });
  const rest = new REST({ api }).setToken(token);
  const answer = await rest.get(Routes.gatewayBot()).catch(() => undefined);
  const parsed = schema.safeParse(answer);
  return parsed.success ? parsed.data.session_start_limit.max_concurrency : 1;
}
