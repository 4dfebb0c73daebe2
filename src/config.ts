import { config as loadDotenv } from 'dotenv';
import { z } from 'zod';
import { t } from './text/text.ts';

/** What the schema says of a value that is wrong: the last part of a sentence's key, under `config`. */
const problems = [
  'discordToken',
  'kubeezToken',
  'address',
  'discordApi',
  'server',
  'stateUrl',
  'stateKey',
  'shards',
  'shardCount',
] as const;

const positive = z.coerce.number().positive();

/** `0`, `0,1` or `[0,1]`, as discord.js and a shell would write it; or `auto`: one shard, whichever is free. */
const shardList = z
  .string()
  .regex(/^(auto|\[?\s*\d+(\s*,\s*\d+)*\s*\]?)$/, {
    error: 'shards',
    abort: true,
  })
  .transform((text) =>
    text === 'auto'
      ? text
      : [
          ...new Set(
            text
              .replace(/[[\]\s]/g, '')
              .split(',')
              .map(Number),
          ),
        ],
  );

const webAddress = z.url({ protocol: /^https?$/, error: 'address' });

/** discord.js appends `/v10` itself, so the address is an origin plus `/api` and nothing else. */
const discordApi = webAddress
  .refine((text) => /^https?:\/\/[^/?#]+\/api$/.test(text), 'discordApi')
  .default('https://discord.com/api');

const origins = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .pipe(z.array(webAddress.transform((text) => new URL(text).origin)))
  .default([]);

const stateUrl = z
  .string()
  .regex(/^(sqlite:.+|rediss?:\/\/.+)$/, 'stateUrl')
  .default('sqlite:data/bot.db');

/** The current key, and after it any older ones, separated by commas. */
const stateKey = z
  .string()
  .transform((text) => text.split(',').map((part) => Buffer.from(part.trim(), 'base64')))
  .refine((keys) => keys.every((key) => key.length === 32), 'stateKey')
  .optional();

const schema = z
  .object({
    DISCORD_TOKEN: z.string({ error: 'discordToken' }),
    DISCORD_API_URL: discordApi,
    DISCORD_GUILD_ID: z
      .string()
      .regex(/^\d{15,21}$/, 'server')
      .optional(),
    KUBEEZ_MCP_URL: webAddress.default('https://mcp.kubeez.com/mcp'),
    KUBEEZ_TOKEN: z.string().optional(),
    KUBEEZ_POLL_SECONDS: positive.default(5),
    KUBEEZ_MEDIA_ORIGINS: origins,
    STATE_URL: stateUrl,
    STATE_KEY: stateKey,
    SHARDS: shardList.optional(),
    SHARD_COUNT: positive.int().optional(),
    HTTP_PORT: z.coerce.number().int().min(1).max(65535).optional(),
    PUBLIC_URL: webAddress.optional(),
    TEXTS_FILE: z.string().optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .refine((env) => env.KUBEEZ_TOKEN !== undefined || env.STATE_KEY !== undefined, {
    path: ['KUBEEZ_TOKEN'],
    error: 'kubeezToken',
    when: () => true,
  })
  .refine(({ SHARDS, SHARD_COUNT = 0 }) => !SHARDS || SHARD_COUNT > (SHARDS === 'auto' ? 0 : Math.max(...SHARDS)), {
    path: ['SHARD_COUNT'],
    error: 'shardCount',
  });

/** What the bot runs with: every value checked, every default filled in. */
export type Config = z.infer<typeof schema>;

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] };

/** Checks an environment. A blank value means unset; all problems are named at once, without showing any value. */
export function parseConfig(env: Record<string, string | undefined>): ConfigResult {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const result = schema.safeParse(given);
  if (result.success) return { ok: true, config: result.data };
  return { ok: false, problems: result.error.issues.map(({ path, message }) => sentence(String(path[0]), message)) };
}

/** What is wrong with a variable, in the language that is spoken. */
function sentence(name: string, problem: string): string {
  const known = problems.find((one) => one === problem) ?? 'odd';
  return t(`config.${known}`, { name });
}

/** Reads `.env` (if there is one) and the process's environment: the only place that does. */
export function readConfig(): ConfigResult {
  loadDotenv({ quiet: true });
  const result = parseConfig(process.env);
  // discord.js reads these by itself, too, but as JSON: a blank line of .env.example would end the start.
  delete process.env.SHARDS;
  delete process.env.SHARD_COUNT;
  // By this one it would let the process that started this one run code in it.
  delete process.env.SHARDING_MANAGER;
  return result;
}

/** Reads where the records are, for what needs nothing else of the settings. */
export function readStateUrl(): { ok: true; stateUrl: string } | { ok: false; problem: string } {
  loadDotenv({ quiet: true });
  const result = stateUrl.safeParse(process.env.STATE_URL?.trim() || undefined);
  return result.success
    ? { ok: true, stateUrl: result.data }
    : { ok: false, problem: sentence('STATE_URL', 'stateUrl') };
}
