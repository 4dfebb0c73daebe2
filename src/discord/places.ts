import { ChannelType, type Client, Events } from 'discord.js';
import { z } from 'zod';

/** What the bot needs to know about where an interaction came from, and about the member. */
export interface Place {
  /** There another permission is needed to write. */
  isThread: boolean;
  /** Of a thread, the channel it belongs to; null elsewhere. */
  parent: string | null;
  /** For adults only: what is made there must stay there. */
  isRestricted: boolean;
  /** Roles of whoever did it, beside that of everybody; none in a DM. */
  roles: string[];
}

const threadTypes: number[] = [ChannelType.AnnouncementThread, ChannelType.PublicThread, ChannelType.PrivateThread];

const channelSchema = z.object({
  type: z.number(),
  nsfw: z.boolean().nullish(),
  parent_id: z.string().nullish(),
  parent: z.object({ nsfw: z.boolean().nullish() }).nullish(),
});
const packetSchema = z.object({
  t: z.literal('INTERACTION_CREATE'),
  d: z.object({
    id: z.string(),
    channel: channelSchema,
    member: z.object({ roles: z.array(z.string()) }).nullish(),
  }),
});

const plainPlace: Place = { isThread: false, parent: null, isRestricted: false, roles: [] };

/**
 * Tells where an interaction came from. Discord says so in the interaction, but discord.js passes it on only for
 * channels and roles in its cache, which is kept empty.
 *
 * @returns a function that may be called once for each interaction id, in the tick in which it arrives
 */
export function watchPlaces(client: Client): (interaction: string) => Place {
  const seen = new Map<string, Place>();
  client.on(Events.Raw, (packet: unknown) => {
    const parsed = packetSchema.safeParse(packet);
    if (!parsed.success) return;
    const { id, channel, member } = parsed.data.d;
    const isRestricted = channel.nsfw ?? channel.parent?.nsfw ?? false;
    const isThread = threadTypes.includes(channel.type);
    const parent = isThread ? (channel.parent_id ?? null) : null;
    seen.set(id, { isThread, parent, isRestricted, roles: member?.roles ?? [] });
    setImmediate(() => seen.delete(id));
  });
  return (interaction) => seen.get(interaction) ?? plainPlace;
}
