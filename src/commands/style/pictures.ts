import type { Attachment, ChatInputCommandInteraction } from 'discord.js';
import { missingToKeepFile } from '../../discord/permissions.ts';
import { safeName } from '../../flows/fileNames.ts';
import { bareType, formats, isAccepted } from '../../flows/formats.ts';
import type { StylePicture } from '../../flows/style.ts';
import { maxPictures, maxStyles, newStyle } from '../../guilds/style.ts';
import { keepInMemory } from '../../kubeez/keptFiles.ts';
import { isWholePicture } from '../../kubeez/wholePicture.ts';
import type { CommandParts, Parts } from '../../requests/command.ts';
import { ok, type Result, refuse } from '../../requests/request.ts';
import { brief } from '../../text/cut.ts';
import { locales } from '../../text/languages.ts';
import { limits } from '../../text/limits.ts';
import { allOf, speaking, t } from '../../text/text.ts';
import { usualName } from './forms.ts';

/**
 * The reference pictures of a style. Each is a file of a message of the bot's own in the channel: Discord keeps it, everybody
 * sees what the style goes by, and whoever may delete messages there can take it away.
 */

/** Adds a picture that a manager gave. Gives the sentence that says why not; undefined when it is there. */
export async function addPicture(
  guild: string,
  channel: string,
  given: Attachment,
  interaction: ChatInputCommandInteraction,
  parts: Parts,
): Promise<string | undefined> {
  const { guildSettings, messages, logChannel, log, place } = parts;
  const { styles } = await guildSettings.of(guild);
  const full = t('style.tooManyPictures', { max: maxPictures });
  if ((styles[channel]?.pictures.length ?? 0) >= maxPictures) return full;
  if (!styles[channel] && Object.keys(styles).length >= maxStyles) return t('style.tooMany', { max: maxStyles });
  const missing = missingToKeepFile(interaction.appPermissions, place.isThread);
  if (missing.length > 0) return t('style.cannotPost', { permissions: allOf(missing) });
  const picture = await postPicture(given, interaction, parts);
  if (!picture.ok) return picture.sentence;
  let isAdded = false;
  const fresh = newStyle(usualName(parts.spokenTo));
  try {
    await guildSettings.changeStyle(guild, channel, (before) => {
      const style = before ?? fresh;
      // Somebody else may have added one meanwhile.
      isAdded = style.pictures.length < maxPictures;
      return isAdded ? { ...style, pictures: [...style.pictures, picture.value] } : before;
    });
  } finally {
    if (!isAdded) await messages.remove(picture.value.channel, picture.value.message);
  }
  if (!isAdded) return full;
  // Only now it holds: a process that ends before has said nothing else.
  await messages.edit(picture.value.channel, picture.value.message, { content: postedWords(interaction, parts) });
  log.info({ guild, channel, by: interaction.user.id }, 'style changed');
  logChannel.tell(guild, { what: 'styleChanged', by: interaction.user.id });
  return undefined;
}

/** Takes out the pictures whose messages somebody has deleted. Throws when that cannot be written. */
export async function dropDeleted(
  guild: string,
  channel: string,
  { guildSettings, messages }: Pick<CommandParts, 'guildSettings' | 'messages'>,
): Promise<void> {
  const pictures = (await guildSettings.of(guild)).styles[channel]?.pictures ?? [];
  const looks = await Promise.all(pictures.map((one) => messages.files(one.channel, one.message)));
  const gone = pictures.filter((_, index) => {
    const look = looks[index];
    return look?.ok === false && look.problem === 'gone';
  });
  if (gone.length > 0) await takeOut(gone, guild, channel, guildSettings);
}

/** Milliseconds after which a picture that was posted is kept, or never will be: adding one takes a few seconds. */
const addedWithin = 10 * 60_000;

/** Deletes the messages with pictures that this channel’s style does not have, because a process ended while it added them. */
export async function removeLeftovers(
  guild: string,
  channel: string,
  { channelId, client }: ChatInputCommandInteraction,
  { guildSettings, messages, clock }: Parts,
): Promise<void> {
  // The server may have had another language then.
  const altTexts = locales.map((locale) => speaking(locale, () => t('alt.stylePicture')));
  const posted = await messages.withFile(channelId, client.user.id, altTexts);
  const pictures = (await guildSettings.of(guild)).styles[channel]?.pictures ?? [];
  const kept = new Set(pictures.map(({ message }) => message));
  const isLeft = ({ message, at }: { message: string; at: number }) =>
    !kept.has(message) && clock.now() - at > addedWithin;
  for (const { message } of posted.filter(isLeft)) await messages.remove(channelId, message);
}

/** Takes a picture away, and deletes its message. Throws when that cannot be written. */
export async function removePicture(
  guild: string,
  channel: string,
  picture: StylePicture,
  { guildSettings, messages }: Pick<CommandParts, 'guildSettings' | 'messages'>,
): Promise<void> {
  await takeOut([picture], guild, channel, guildSettings);
  await messages.remove(picture.channel, picture.message);
}

/** Takes pictures out of a style, whatever else has changed there meanwhile. */
function takeOut(
  pictures: StylePicture[],
  guild: string,
  channel: string,
  guildSettings: CommandParts['guildSettings'],
): Promise<void> {
  const messages = new Set(pictures.map(({ message }) => message));
  const isLeft = ({ message }: StylePicture) => !messages.has(message);
  return guildSettings.changeStyle(
    guild,
    channel,
    (before) => before && { ...before, pictures: before.pictures.filter(isLeft) },
  );
}

/** Posts a picture in a message of the bot's, and finds it there: what it is, is told from its bytes. */
async function postPicture(
  { url, name, size }: Attachment,
  { channelId, user, id }: ChatInputCommandInteraction,
  { downloads, messages, spokenTo }: Parts,
): Promise<Result<StylePicture>> {
  const notAPicture = refuse(t('style.notAPicture', { name: brief(name), formats: formats([{ kinds: ['image'] }]) }));
  const seen = size === 0 ? null : await downloads.typeOf(url);
  if (seen === null || (seen !== undefined && !isAccepted('image', bareType(seen)))) return notAPicture;
  const file = await downloads.fetch(url, limits.file, keepInMemory);
  if (!file.ok && file.why === 'tooLarge')
    return refuse(t('style.pictureTooLarge', { name: brief(name), megabytes: limits.file / 1024 / 1024 }));
  if (!file.ok && file.why !== 'unknownType') return refuse(t('style.pictureUnread', { name: brief(name) }));
  // Where its first bytes did not come in time, it is judged here.
  if (!file.ok || !isAccepted('image', file.mime)) return notAPicture;
  const { file: data, mime: type, extension } = file;
  if (!isWholePicture(data, type)) return refuse(t('style.pictureCut', { name: brief(name) }));
  const fullName = `${safeName(name.replace(/\.\w+$/, ''))}.${extension}`;
  const { body, files } = speaking(spokenTo.everybody, () => ({
    body: { content: t('style.pictureComing', { person: `<@${user.id}>` }) },
    files: [{ name: fullName, data: new Blob([data], { type }), description: t('alt.stylePicture') }],
  }));
  const sent = await messages.create(channelId, body, id, { files });
  if (!sent.ok) return refuse(t('style.notPosted'));
  const { channel, message } = sent;
  const found = await messages.files(channel, message);
  const [posted] = found.ok ? found.files : [];
  if (posted) return ok({ channel, message, attachment: posted.id, name: fullName, bytes: data.length, type });
  await messages.remove(channel, message);
  return refuse(t('style.notPosted'));
}

/** What everybody reads above a picture. */
const postedWords = ({ user }: ChatInputCommandInteraction, { spokenTo }: Parts) =>
  speaking(spokenTo.everybody, () => t('style.picturePosted', { person: `<@${user.id}>` }));
