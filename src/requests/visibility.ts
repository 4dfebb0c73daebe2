import {
  type ButtonInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import type { ChannelAccess, Viewer } from '../discord/channelAccess.ts';
import type { Place } from '../discord/places.ts';
import type { Flow } from '../flows/flow.ts';
import { mayLookThrough } from '../guilds/policy.ts';
import type { CommandParts, StartInteraction } from './command.ts';

/** What decides who may see a result. */
export interface Work {
  by: string;
  channel: string;
  deleted: boolean;
}

export const workOf = (flow: Flow): Work => ({
  by: flow.requester,
  channel: flow.card.channel,
  deleted: flow.shown.deletedAt !== null,
});

type Asker = Pick<StartInteraction, 'guildId' | 'channelId' | 'user'>;

interface AccessParts {
  access: ChannelAccess;
  place: Pick<Place, 'roles'>;
}

/** The member who asks, to work out which channels they see; undefined in a DM. */
export const viewerOf = ({ guildId, user }: Asker, { roles }: Pick<Place, 'roles'>): Viewer | undefined =>
  guildId === null ? undefined : { user: user.id, guild: guildId, roles };

/** Whether somebody may see a work: their own, and what was made where they can look. */
export async function maySee(work: Work, asker: Asker, { access, place }: AccessParts): Promise<boolean> {
  const certain = withoutAsking(work, asker);
  if (certain !== undefined) return certain;
  const viewer = viewerOf(asker, place);
  return viewer !== undefined && access.mayView(viewer, work.channel);
}

/** As `maySee`, from memory alone; undefined when it is not known. */
export function isKnownToSee(work: Work, asker: Asker, { access, place }: AccessParts): boolean | undefined {
  const certain = withoutAsking(work, asker);
  if (certain !== undefined) return certain;
  const viewer = viewerOf(asker, place);
  return viewer === undefined ? false : access.isKnownToView(viewer, work.channel);
}

/**
 * Whether somebody may look through what others have made here, as the server has decided; nobody where that cannot be
 * read. In DMs there are no others.
 */
export async function mayLookThroughOthers(
  { guildId }: Pick<Asker, 'guildId'>,
  { guildSettings, place, log }: Pick<CommandParts, 'guildSettings' | 'log'> & Pick<AccessParts, 'place'>,
): Promise<boolean> {
  if (guildId === null) return true;
  try {
    return mayLookThrough({ guild: guildId, roles: place.roles }, await guildSettings.of(guildId));
  } catch (err) {
    log.warn({ err, guild: guildId }, 'it cannot be read who may see the history');
    return false;
  }
}

function withoutAsking({ by, channel, deleted }: Work, asker: Asker): boolean | undefined {
  if (by === asker.user.id) return true;
  if (deleted) return false;
  return channel === asker.channelId ? true : undefined;
}

/** Whether the button that was pressed stands on a message that everybody here sees; Discord says what is on it. */
export function isOnMessage({
  message,
  customId,
}: ButtonInteraction | ModalSubmitInteraction | StringSelectMenuInteraction): boolean {
  if (!message || message.flags.has(MessageFlags.Ephemeral)) return false;
  return JSON.stringify(message.components).includes(`"${customId}"`);
}
