import type { Flow } from '../flows/flow.ts';
import type { GuildSettings } from '../guilds/settings.ts';
import type { Preferences } from '../state/preferences.ts';

/** Whether the requester of a flow is mentioned at its end: neither they nor the server have turned that off. */
export async function mayMention(
  { requester, guild }: Flow,
  { preferences, guildSettings }: { preferences: Preferences; guildSettings: Pick<GuildSettings, 'of'> },
): Promise<boolean> {
  // What cannot be read holds nothing up.
  const [wishes, settings] = await Promise.all([
    preferences.of(requester).catch(() => undefined),
    guild === null ? undefined : guildSettings.of(guild).catch(() => undefined),
  ]);
  return wishes?.mentions !== false && settings?.rules.mentions !== false;
}
