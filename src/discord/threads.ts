import { ChannelType, type Client, Events } from 'discord.js';
import { z } from 'zod';

const threadTypes: number[] = [ChannelType.AnnouncementThread, ChannelType.PublicThread, ChannelType.PrivateThread];

const packetSchema = z.object({
  t: z.literal('INTERACTION_CREATE'),
  d: z.object({ id: z.string(), channel: z.object({ type: z.number() }) }),
});

/**
 * Tells whether an interaction came from a thread, where another permission is needed to write. Discord says so in
 * the interaction, but discord.js passes it on only for channels in its cache, and without intents it has none.
 *
 * @returns a question that may be asked once for each interaction id, while it is being handled
 */
export function watchThreads(client: Client): (interaction: string) => boolean {
  const seen = new Set<string>();
  client.on(Events.Raw, (packet: unknown) => {
    const parsed = packetSchema.safeParse(packet);
    if (!parsed.success || !threadTypes.includes(parsed.data.d.channel.type)) return;
    seen.add(parsed.data.d.id);
    // Asked in the same tick, by commands alone: what is left is of no use.
    setImmediate(() => seen.delete(parsed.data.d.id));
  });
  return (interaction) => seen.has(interaction);
}
