import type { ChannelAccess } from '../../discord/channelAccess.ts';
import type { Messages } from '../../discord/messages.ts';
import { missingToAsk } from '../../discord/permissions.ts';
import type { Logger } from '../../log.ts';
import { welcomeCard } from './welcome.ts';

interface GreetParts {
  access: Pick<ChannelAccess, 'permissionsOfBot'>;
  messages: Pick<Messages, 'create'>;
  canConnect: boolean;
  log: Logger;
}

/**
 * Introduces the bot to a server that has just invited it, if it may write in the channel that Discord uses for such
 * news. Never throws: nothing depends on it.
 */
export async function greet(server: string, channel: string | null, parts: GreetParts): Promise<void> {
  const { access, messages, canConnect, log } = parts;
  if (channel === null) return;
  if (missingToAsk(await access.permissionsOfBot(server, channel)).length > 0) return;
  const sent = await messages.create(channel, welcomeCard(canConnect), `welcome-${server}`.slice(0, 25));
  if (!sent.ok) log.info({ guild: server, problem: sent.problem }, 'not introduced');
}
