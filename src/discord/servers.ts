import { type Client, Events } from 'discord.js';
import { z } from 'zod';

/** Told which servers have the bot. */
interface Told {
  /**
   * A shard has signed in; these are all of its servers, also those that are away for a while.
   *
   * @param shard such as `0/1`
   */
  signedIn(shard: string, servers: string[]): void;
  /**
   * A server is there, perhaps for the first time.
   *
   * @param channel where Discord itself tells what is new in the server; null where it has chosen none
   */
  invited(server: string, channel: string | null): void;
  /** A server has removed the bot, or is no more. */
  removed(server: string): void;
}

const serverSchema = z.object({
  id: z.string(),
  unavailable: z.boolean().optional(),
  system_channel_id: z.string().nullish(),
});
const packetSchema = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('READY'),
    d: z.object({ guilds: z.array(serverSchema), shard: z.tuple([z.number(), z.number()]).default([0, 1]) }),
  }),
  z.object({ t: z.literal('GUILD_CREATE'), d: serverSchema }),
  z.object({ t: z.literal('GUILD_DELETE'), d: serverSchema }),
]);

/**
 * Watches which servers have the bot. Read off the packets: after a lost session discord.js does not tell which servers
 * have gone meanwhile.
 */
export function watchServers(client: Client, { signedIn, invited, removed }: Told): void {
  client.on(Events.Raw, (packet: unknown) => {
    const parsed = packetSchema.safeParse(packet);
    if (!parsed.success) return;
    const { t, d } = parsed.data;
    if (t === 'READY')
      return signedIn(
        d.shard.join('/'),
        d.guilds.map(({ id }) => id),
      );
    // Such a server is away, not gone (docs: events/gateway-events, Guild Delete).
    if (d.unavailable) return;
    if (t === 'GUILD_CREATE') invited(d.id, d.system_channel_id ?? null);
    else removed(d.id);
  });
}
