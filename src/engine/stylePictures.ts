import { hasLapsed } from '../discord/hasLapsed.ts';
import type { Messages } from '../discord/messages.ts';
import type { Asked } from '../flows/asked.ts';
import { type AppliedPicture, roomForPictures } from '../flows/style.ts';

/**
 * The pictures of a request's style with addresses that hold now: those of Discord's files lapse, so their messages are read
 * anew each time. One that cannot be read any more is gone. Undefined while Discord does not answer and an address that was
 * known before has lapsed, or there was none. Never throws.
 *
 * @param now milliseconds since 1970
 */
export async function readPictures(
  asked: Asked,
  messages: Pick<Messages, 'files'>,
  now: number,
): Promise<AppliedPicture[] | undefined> {
  const kept = asked.style?.pictures ?? [];
  if (kept.length === 0 || roomForPictures(asked) === 0) return kept;
  const read = await Promise.all(kept.map((picture) => readPicture(picture, messages, now)));
  const known = read.flatMap((picture) => picture ?? []);
  return known.length === kept.length ? known : undefined;
}

async function readPicture(
  picture: AppliedPicture,
  messages: Pick<Messages, 'files'>,
  now: number,
): Promise<AppliedPicture | undefined> {
  const found = await messages.files(picture.channel, picture.message);
  if (!found.ok && found.problem === 'unreachable')
    return picture.isGone || (picture.url !== null && !hasLapsed(picture.url, now)) ? picture : undefined;
  const file = found.ok ? found.files.find(({ id }) => id === picture.attachment) : undefined;
  return { ...picture, url: file?.url ?? null, isGone: file === undefined };
}
