import { ButtonStyle, ComponentType, MessageFlags } from 'discord.js';
import { jumpTo } from '../discord/jump.ts';
import type { MessageBody, Messages, Sent } from '../discord/messages.ts';
import { writeButtonId } from '../flows/buttonId.ts';
import type { Event } from '../flows/events.ts';
import { goesOnWhen, wanted } from '../flows/files.ts';
import type { Flow, Stage } from '../flows/flow.ts';
import type { SentMessage } from '../flows/sentMessage.ts';
import { t } from '../text/text.ts';
import { timestamp } from '../text/timestamp.ts';

/**
 * Sends the upload link: by DM, verbatim and alone in its message, because whoever has it can upload; the message before
 * says what it is for. Where DMs are closed, privately in the channel while the command can still be answered. Without a
 * preview, because Discord would open the link to make one.
 */
export async function sendLink(flow: Flow, messages: Messages, now: number): Promise<Event | undefined> {
  const { session } = flow.upload;
  if (!session) return undefined;
  const { url } = session;
  const explained = session.explained ?? (await explain(flow, messages));
  const body = { content: url, flags: MessageFlags.SuppressEmbeds };
  const sent = explained && (await twice(() => messages.create(explained.channel, body, `${flow.id}-link`)));
  if (explained && sent?.ok)
    return { type: 'linkSent', by: 'dm', explained, link: { channel: sent.channel, message: sent.message } };
  if (now < flow.reply.until) {
    const whispered = await messages.whisper(flow.reply.application, flow.reply.token, { content: url });
    if (whispered.ok) return { type: 'linkSent', by: 'private', explained };
  }
  return { type: 'linkNotSent', explained };
}

/** The message before the link: says what it is for. */
async function explain(flow: Flow, messages: Messages): Promise<SentMessage | null> {
  const content = explanation(flow);
  const body = { content, components: toCard(flow) };
  const sent = await twice(() => messages.direct(flow.requester, body, `${flow.id}-upload`));
  return sent.ok ? { channel: sent.channel, message: sent.message } : null;
}

function explanation({ guild, card, recipe, asked: { models }, wait }: Flow): string {
  const [model] = models;
  const until = timestamp(wait.giveUpAt, 't');
  const said = { files: wanted(model), command: recipe, until, goesOn: goesOnWhen(model) };
  if (guild === null) return t('upload.explainedDm', said);
  return t('upload.explained', { ...said, channel: `<#${card.channel}>` });
}

/** Sends once more when Discord's answer was lost: with the same nonce, Discord returns the first message. */
async function twice(send: () => Promise<Sent>): Promise<Sent> {
  const sent = await send();
  return sent.ok || sent.problem !== 'unreachable' ? sent : send();
}

/** A button that leads to the card. */
function toCard({ guild, card }: Flow): NonNullable<MessageBody['components']> {
  const url = jumpTo(guild, card.channel, card.message);
  if (url === undefined) return [];
  const button = { type: ComponentType.Button, style: ButtonStyle.Link, label: t('button.openCard'), url } as const;
  return [{ type: ComponentType.ActionRow, components: [button] }];
}

/** Says privately that the link is in the DMs: people often overlook a bot's DMs. */
export async function tellOfLink(flow: Flow, messages: Messages, now: number): Promise<undefined> {
  if (now >= flow.reply.until || flow.guild === null) return undefined;
  const custom_id = writeButtonId({ action: 'link', flow: flow.id });
  const button = {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label: t('button.showHere'),
    custom_id,
  } as const;
  await messages.whisper(flow.reply.application, flow.reply.token, {
    content: t('upload.linkInDms'),
    components: [{ type: ComponentType.ActionRow, components: [button] }],
  });
  return undefined;
}

const whyOver = (stage: Stage) =>
  stage === 'cancelled' || stage === 'expired' || stage === 'failed' ? stage : 'complete';

/** Removes the link from the requester's DMs, and says that the upload is over. */
export async function endUpload(
  flow: Flow,
  { explained, link }: { explained: SentMessage; link: SentMessage | null },
  messages: Messages,
): Promise<void> {
  if (link) await messages.remove(link.channel, link.message);
  const content = t('upload.over', { command: flow.recipe, why: whyOver(flow.stage) });
  await messages.edit(explained.channel, explained.message, { content, components: toCard(flow) });
}
