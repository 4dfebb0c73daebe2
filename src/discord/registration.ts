import { createHash } from 'node:crypto';
import { type REST, type RESTPutAPIApplicationCommandsJSONBody, Routes } from 'discord.js';

/** Where the hash of what is registered is kept. */
export interface Remembered {
  get(key: string): Promise<string | undefined>;
  set(key: string, hash: string): Promise<void>;
}

/**
 * Registers the commands, everywhere or in one server, but only when they changed since the last time: Discord allows
 * 200 creations a day (docs: interactions/application-commands). Gives whether it had to.
 *
 * @param isFinal false when they may be others in a moment: then they do not take the place of any that are there
 */
export async function registerCommands(
  rest: REST,
  application: string,
  guild: string | undefined,
  commands: RESTPutAPIApplicationCommandsJSONBody,
  remembered: Remembered,
  isFinal = true,
): Promise<boolean> {
  const key = `commands:${application}:${guild ?? 'global'}`;
  const hash = createHash('sha256').update(JSON.stringify(commands)).digest('hex');
  const registered = await remembered.get(key);
  if (registered === hash || (!isFinal && registered !== undefined)) return false;
  const route = guild ? Routes.applicationGuildCommands(application, guild) : Routes.applicationCommands(application);
  await rest.put(route, { body: commands });
  await remembered.set(key, hash);
  return true;
}
