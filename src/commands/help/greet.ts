import { missingToAsk } from '../../discord/permissions.ts';
import type { CommandParts } from '../../requests/command.ts';
import { speaking } from '../../text/text.ts';
import { welcomeCard } from './welcome.ts';

/**
 * Introduces the bot to a server that has just invited it, if it may write in the channel that Discord uses for such
 * news. Never throws: nothing depends on it.
 */
export async function greet(server: string, channel: string | null, parts: CommandParts): Promise<void> {
  const { access, messages, languages, canConnect, log } = parts;
  if (channel === null) return;
  if (missingToAsk(await access.permissionsOfBot(server, channel)).length > 0) return;
  const card = speaking(await languages.ofServer(server), () => welcomeCard(canConnect));
  const sent = await messages.create(channel, card, `hello${server}`);
  if (!sent.ok) log.info({ guild: server, problem: sent.problem }, 'not introduced');
}
