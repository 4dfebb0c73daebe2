import { type REST, Routes } from 'discord.js';
import { z } from 'zod';

/** What people call things in Discord, read when it is needed: the bot keeps none of it. None of these throws. */

const namedSchema = z.object({ name: z.string() });
const userSchema = z.object({ username: z.string(), global_name: z.string().nullish() });
const memberSchema = z.object({ nick: z.string().nullish(), user: userSchema });

/** The name of a server, or its id when the name cannot be read. */
export const guildName = async (rest: REST, guild: string): Promise<string> =>
  (await read(rest, Routes.guild(guild), namedSchema))?.name ?? guild;

/** The name of a channel; undefined when it cannot be read. */
export const channelName = async (rest: REST, channel: string): Promise<string | undefined> =>
  (await read(rest, Routes.channel(channel), namedSchema))?.name;

/** What a person is called in a server, or was before they left; undefined when that cannot be read. */
export async function personName(rest: REST, guild: string, person: string): Promise<string | undefined> {
  const member = await read(rest, Routes.guildMember(guild, person), memberSchema);
  const user = member?.user ?? (await read(rest, Routes.user(person), userSchema));
  return member?.nick ?? user?.global_name ?? user?.username;
}

async function read<Schema extends z.ZodType>(
  rest: REST,
  route: `/${string}`,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  try {
    return schema.parse(await rest.get(route));
  } catch {
    return undefined;
  }
}
