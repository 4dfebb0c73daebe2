import { type Flow, isOpen } from '../../flows/flow.ts';
import type { CommandParts } from '../../requests/command.ts';
import { directMessages } from '../../state/servers.ts';
import { speaking, t } from '../../text/text.ts';
import { type Found, findAll } from './found.ts';
import { personal } from './kinds.ts';

/** Forgetting somebody, and going on with it where a process ended in the middle. */

/** The requests of theirs that are still open: while there is one, nothing is forgotten. */
export const openOf = ({ flows }: Pick<Found, 'flows'>): Flow[] => flows.filter(isOpen);

/**
 * Removes all that is kept of somebody, unless something of theirs is open. It is noted before, so that the next start goes on
 * with what a kill leaves. Throws when the store cannot be written.
 *
 * @param here the server where they ask; null in a DM
 */
export async function forgetPerson(person: string, here: string | null, parts: CommandParts): Promise<Found> {
  const asked = { person, server: here ?? directMessages };
  const found = await findAll(person, here, parts);
  if (openOf(found).length === 0) {
    await parts.forgetting.begin(asked);
    for (const kind of personal) await kind.forget(found, parts);
    parts.log.info({ flows: found.flows.length }, 'somebody had themselves forgotten');
  }
  await parts.forgetting.end(asked);
  return found;
}

/**
 * Goes on with forgetting whoever a process before this one has not forgotten to the end, and tells them. What they have begun
 * since then stays: they are asked to ask again. Never throws.
 *
 * @param shards those of this process
 */
export async function goOnForgetting(shards: readonly string[], parts: CommandParts): Promise<void> {
  try {
    for (const { person, server } of await parts.forgetting.list(shards)) {
      const here = server === directMessages ? null : server;
      const language = await parts.languages.ofPerson(person, undefined, here);
      const found = await forgetPerson(person, here, parts);
      const content = speaking(language, () => t(openOf(found).length > 0 ? 'privacy.cutOff' : 'privacy.doneLate'));
      await parts.messages.direct(person, { content }, `forgot-${person.slice(-16)}`);
    }
  } catch (err) {
    parts.log.warn({ err }, 'somebody is not forgotten yet: the next start goes on');
  }
}
