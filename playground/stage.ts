import type { Clock } from '../src/clock.ts';
import { channelTypes } from './discord/channelTypes.ts';
import { type Discord, startDiscord } from './discord/discord.ts';
import type { Person } from './discord/person.ts';
import type { Rates } from './discord/rates.ts';
import type { Channel, Guild } from './discord/world.ts';
import { type KubeezStandIn, startKubeez } from './kubeez/server.ts';

/** Both stand-ins with a small cast: what the page, the demo and the tests play on. */
export interface Stage {
  discord: Discord;
  kubeez: KubeezStandIn;
  ada: Person;
  ben: Person;
  guild: Guild;
  channel: Channel;
  thread: Channel;
  /** The environment the bot is started with. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export interface StageSettings {
  clock: Clock;
  rates?: Rates;
  /** Where the bot keeps its state, such as `sqlite:out/bot.db`; left out: in `data/` of the folder it is started in. */
  stateUrl?: string;
  /** Where the stand-ins are reached, when that is not on loopback. */
  addresses?: { gateway: string; files: string; site: string; media: string };
}

/** Starts Discord and Kubeez on loopback, with two people in a channel. */
export async function startStage({ clock, rates, stateUrl, addresses }: StageSettings): Promise<Stage> {
  const discord = await startDiscord({ clock, addresses, ...(rates ? { rates } : {}) });
  const kubeez = await startKubeez({ clock, addresses });
  const { world } = discord;
  const people = [world.addUser('Ada'), world.addUser('Ben')] as const;
  const guild = world.addGuild('Paper Moon Studio', [...people]);
  const channel = world.addChannel(guild, 'moodboard');
  return {
    discord,
    kubeez,
    ada: discord.person(people[0]),
    ben: discord.person(people[1]),
    guild,
    channel,
    thread: world.addChannel(guild, 'poster ideas', channelTypes.thread, channel),
    env: {
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      KUBEEZ_MCP_URL: kubeez.mcpUrl,
      KUBEEZ_TOKEN: kubeez.token,
      // Results, and files that people attach: on loopback neither is public https.
      KUBEEZ_MEDIA_ORIGINS: `${kubeez.platform.mediaOrigin},${world.origin}`,
      ...(stateUrl === undefined ? {} : { STATE_URL: stateUrl }),
    },
    async close() {
      await discord.close();
      await kubeez.close();
    },
  };
}
