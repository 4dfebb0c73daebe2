import { type REST, Routes } from 'discord.js';
import { z } from 'zod';

const guildSchema = z.object({ name: z.string() });

/** The name of a server, or its id when the name cannot be read. Never throws. */
export async function guildName(rest: REST, guild: string): Promise<string> {
  try {
    return guildSchema.parse(await rest.get(Routes.guild(guild))).name;
  } catch {
    return guild;
  }
}
