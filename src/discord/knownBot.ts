import { REST, Routes } from 'discord.js';
import { z } from 'zod';

/** Milliseconds that Discord has for one answer. */
const patience = 15_000;

/** Discord's REST API for somebody who waits: nothing is tried again. */
export const impatientRest = (api: string, token: string): REST =>
  new REST({ api, version: '10', retries: 0, timeout: patience }).setToken(token);

/** The bot that a token belongs to. */
export interface KnownBot {
  name: string;
  /** The application's id. */
  application: string;
}

const userSchema = z.object({ username: z.string() });
const applicationSchema = z.object({ id: z.string() });

/** Asks Discord whose token it is; undefined when it is nobody's. Throws what discord.js throws. */
export async function knownBot(rest: REST): Promise<KnownBot | undefined> {
  try {
    const { username } = userSchema.parse(await rest.get(Routes.user('@me')));
    const { id } = applicationSchema.parse(await rest.get(Routes.currentApplication()));
    return { name: username, application: id };
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 401) return undefined;
    throw error;
  }
}

/** Servers that are looked at; Discord lists no more at once. */
const maxServers = 200;
const serversSchema = z.array(z.object({ name: z.string(), permissions: z.string().transform(BigInt) }));

/** The servers that the bot is in, 200 at most, with its permissions there. Throws what discord.js throws. */
export async function serversOf(rest: REST): Promise<z.infer<typeof serversSchema>> {
  const query = new URLSearchParams({ limit: String(maxServers) });
  return serversSchema.parse(await rest.get(Routes.userGuilds(), { query }));
}
