import { MessageFlags } from 'discord.js';
import type { Messages } from '../discord/messages.ts';
import type { Event } from './events.ts';
import type { Flow } from './flow.ts';

/**
 * Sends the upload link: by DM, verbatim and alone in its message, because it is a key; where DMs are closed,
 * privately in the channel while the command can still be answered. Without a preview, for which Discord would open it.
 */
export async function sendLink(flow: Flow, messages: Messages, now: number): Promise<Event | undefined> {
  if (!flow.upload) return undefined;
  const { url } = flow.upload;
  const direct = await messages.direct(
    flow.requester,
    { content: url, flags: MessageFlags.SuppressEmbeds },
    `${flow.id}-link`,
  );
  if (direct.ok) return { type: 'linkSent', by: 'dm' };
  if (now < flow.reply.until) {
    const whispered = await messages.whisper(flow.reply.application, flow.reply.token, url);
    if (whispered.ok) return { type: 'linkSent', by: 'private' };
  }
  return { type: 'linkNotSent' };
}
