import { z } from 'zod';
import { channelTypes, isThread } from './channelTypes.ts';
import { checkMessage, parse } from './checks.ts';
import { Refusal, refusals } from './errors.ts';
import { type Permission, permissionBits } from './permissions.ts';
import type { Channel, Message, Unwanted, World } from './world.ts';

/** A file of a multipart request. */
export interface UploadedFile {
  /** The n of `files[n]`. */
  index: string;
  name: string;
  data: Buffer;
  type: string;
}

const bodySchema = z.looseObject({
  content: z.string().nullish(),
  embeds: z.array(z.any()).nullish(),
  components: z.array(z.any()).nullish(),
  attachments: z
    .array(z.looseObject({ id: z.coerce.string(), filename: z.string().nullish(), description: z.string().nullish() }))
    .nullish(),
  allowed_mentions: z
    .looseObject({
      parse: z.array(z.string()).nullish(),
      users: z.array(z.string()).nullish(),
      roles: z.array(z.string()).nullish(),
    })
    .nullish(),
  flags: z.number().nullish(),
  nonce: z.coerce.string().nullish(),
  enforce_nonce: z.boolean().nullish(),
  message_reference: z
    .looseObject({ message_id: z.coerce.string(), fail_if_not_exists: z.boolean().nullish() })
    .nullish(),
});

/** Flags a sender may set: SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2. */
const settable = 4 | 64 | 4096 | 32768;
const ephemeral = 64;
const componentsV2 = 32768;
/** A request's files together; a place that allows a larger file allows a request with it. */
const requestLimit = 25 * 1024 * 1024;

interface Post {
  channel: Channel;
  author: string;
  usedBy?: Message['usedBy'];
  forwarded?: Message;
  ephemeralFor?: string | null;
  isThinking?: boolean;
}

/** Refuses what was made to be unwanted. */
function checkUnwanted(world: World, fields: z.infer<typeof bodySchema>, files: UploadedFile[]): void {
  const words = JSON.stringify([fields.content, fields.embeds]);
  const isMet = ({ what, pattern }: Unwanted) =>
    what === 'words' ? pattern.test(words) : files.some(({ name }) => pattern.test(name));
  const unwanted = world.unwanted.find((one) => one.times > 0 && isMet(one));
  if (!unwanted) return;
  unwanted.times--;
  throw new Refusal(unwanted.status, unwanted.code, 'Made to be refused');
}

/** Writes a message after all of Discord's checks. */
export function postMessage(world: World, body: unknown, files: UploadedFile[], post: Post): Message {
  const fields = parse(bodySchema, body);
  checkMessage(fields);
  checkUnwanted(world, fields, files);
  const known = fields.enforce_nonce && fields.nonce ? sameNonce(world, post.channel, fields.nonce) : undefined;
  if (known) return known;
  const attachments = attach(world, post.channel, [], fields.attachments, files) ?? [];
  const { content, embeds, components } = fields;
  if (!post.isThinking && !post.forwarded && isEmpty({ content, embeds, components, attachments }))
    throw refusals.empty();
  const message: Message = {
    id: world.snowflake(),
    channel: post.channel.id,
    author: post.author,
    content: fields.content ?? '',
    embeds: fields.embeds ?? [],
    components: fields.components ?? [],
    attachments,
    flags: (fields.flags ?? 0) & settable,
    mentions: mentionsOf(world, fields.content ?? '', fields.allowed_mentions),
    roleMentions: roleMentionsOf(world, post.channel, fields.content ?? '', fields.allowed_mentions),
    nonce: fields.nonce ?? null,
    replyTo: referenceOf(world, post.channel, fields.message_reference),
    forwarded: post.forwarded ?? null,
    ephemeralFor: (fields.flags ?? 0) & ephemeral ? (post.ephemeralFor ?? null) : null,
    usedBy: post.usedBy ?? null,
    createdAt: world.clock.now(),
    editedAt: null,
    edits: 0,
    isThinking: post.isThinking ?? false,
  };
  world.messages.set(message.id, message);
  // Writing to an archived thread opens it again.
  post.channel.isArchived = false;
  world.changed();
  return message;
}

/** Changes a message. What the body does not name stays; files it does not list are dropped. */
export function editMessage(world: World, message: Message, body: unknown, files: UploadedFile[]): void {
  const fields = parse(bodySchema, body);
  // What was once made of Components V2 stays so.
  checkMessage(fields, (((fields.flags ?? 0) | message.flags) & componentsV2) !== 0);
  checkUnwanted(world, fields, files);
  const attachments = attach(world, world.channel(message.channel), message.attachments, fields.attachments, files);
  const { content, embeds, components } = message;
  if (
    isEmpty({
      content,
      embeds,
      components,
      attachments: message.attachments,
      ...withoutUnset({ ...fields, attachments }),
    })
  )
    throw refusals.empty();
  if (fields.content !== undefined) message.content = fields.content ?? '';
  if (fields.embeds !== undefined) message.embeds = fields.embeds ?? [];
  if (fields.components !== undefined) message.components = fields.components ?? [];
  if (attachments) message.attachments = attachments;
  message.isThinking = false;
  message.editedAt = world.clock.now();
  message.edits++;
  world.changed();
}

interface Contents {
  content?: string | null | undefined;
  embeds?: unknown[] | null | undefined;
  components?: unknown[] | null | undefined;
  attachments?: unknown[] | null | undefined;
}

/** Whether there would be nothing to see; white space alone is nothing. */
const isEmpty = ({ content, embeds, components, attachments }: Contents): boolean =>
  !content?.trim() && !embeds?.length && !components?.length && !attachments?.length;

const withoutUnset = (contents: Contents): Contents =>
  Object.fromEntries(Object.entries(contents).filter(([, value]) => value !== undefined));

/** Whether the bot may do something in a channel by its own token; throws as Discord refuses. */
export function mayWrite(world: World, channel: Channel, isNew: boolean, hasFiles: boolean): void {
  const permissions = world.permissions(channel);
  const has = (name: Permission) => (permissions & permissionBits[name]) !== 0n;
  if (channel.type === channelTypes.dm) {
    const recipient = world.user(channel.recipient ?? '');
    if (!recipient.dmsOpen) throw refusals.dmClosed();
    return;
  }
  if (!has('ViewChannel')) throw refusals.missingAccess();
  if (channel.isArchived && (!isNew || channel.isLocked)) throw refusals.archived();
  if (isNew && !has(isThread(channel) ? 'SendMessagesInThreads' : 'SendMessages')) throw refusals.missingPermissions();
  if (hasFiles && !has('AttachFiles')) throw refusals.missingPermissions();
}

/** What a message answers: something in the same channel, or nothing if the sender can do without. */
function referenceOf(
  world: World,
  channel: Channel,
  reference: z.infer<typeof bodySchema>['message_reference'],
): string | null {
  if (!reference) return null;
  const isThere = world.messages.get(reference.message_id)?.channel === channel.id;
  if (isThere) return reference.message_id;
  if (reference.fail_if_not_exists === false) return null;
  throw refusals.invalid([{ path: 'message_reference', code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }]);
}

function sameNonce(world: World, channel: Channel, nonce: string): Message | undefined {
  const fewMinutes = world.clock.now() - 5 * 60_000;
  return world.messagesIn(channel.id).find((message) => message.nonce === nonce && message.createdAt > fewMinutes);
}

type AttachmentList = z.infer<typeof bodySchema>['attachments'];

function attach(
  world: World,
  channel: Channel,
  old: Message['attachments'],
  listed: AttachmentList,
  files: UploadedFile[],
) {
  if (files.some((file) => file.data.length > world.fileLimit(channel))) throw refusals.tooLarge();
  const most = Math.max(requestLimit, world.fileLimit(channel));
  if (files.reduce((sum, file) => sum + file.data.length, 0) > most) throw refusals.tooLarge();
  if (listed === undefined && files.length === 0) return undefined;
  const kept = listed ? old.filter(({ id }) => listed.some((entry) => entry.id === id)) : old;
  const added = files.map((file) => {
    const entry = listed?.find(({ id }) => id === file.index);
    return world.keepFile(
      channel.id,
      entry?.filename ?? file.name,
      file.data,
      file.type,
      entry?.description ?? undefined,
    );
  });
  if (kept.length + added.length > 10) throw refusals.tooManyFiles();
  return [...kept, ...added];
}

/** Who is pinged: those whom the text names and `allowed_mentions` lets through. */
function mentionsOf(world: World, content: string, allowed: z.infer<typeof bodySchema>['allowed_mentions']): string[] {
  const named = [...content.matchAll(/<@!?(\d+)>/g)].flatMap(([, id]) => (id && world.users.has(id) ? [id] : []));
  if (!allowed || allowed.parse?.includes('users')) return named;
  return named.filter((id) => allowed.users?.includes(id));
}

/** Which roles are pinged, by the same rule; only those of the server that the message is in. */
function roleMentionsOf(
  world: World,
  { guild }: Channel,
  content: string,
  allowed: z.infer<typeof bodySchema>['allowed_mentions'],
): string[] {
  if (guild === null) return [];
  const { roles } = world.guild(guild);
  const named = [...content.matchAll(/<@&(\d+)>/g)].flatMap(([, id]) => (id && roles.has(id) ? [id] : []));
  if (!allowed || allowed.parse?.includes('roles')) return named;
  return named.filter((id) => allowed.roles?.includes(id));
}
