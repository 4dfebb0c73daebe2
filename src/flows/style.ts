import { z } from 'zod';
import type { MediaKind } from '../kubeez/media.ts';

/** A reference picture of a style: a file of a message of the bot’s, known by where that is, because addresses lapse. */
export const stylePictureSchema = z.object({
  channel: z.string(),
  message: z.string(),
  attachment: z.string(),
  name: z.string(),
  bytes: z.number(),
  /** Its MIME type, by its first bytes. */
  type: z.string(),
});
export type StylePicture = z.infer<typeof stylePictureSchema>;

const appliedPictureSchema = z.object({
  ...stylePictureSchema.shape,
  /** Its address as it was when the price was read last; null before that, and where it is gone. */
  url: z.string().nullable(),
  /** Its message or channel was deleted, or cannot be read any more. */
  isGone: z.boolean(),
});
export type AppliedPicture = z.infer<typeof appliedPictureSchema>;

/** What the house style of a channel added to a request, as its record keeps it: settings may change, what was shown may not. */
export const appliedStyleSchema = z.object({
  /** What people call it. */
  name: z.string(),
  /** Phrases set before and after what was typed; empty where there is none. */
  before: z.string(),
  after: z.string(),
  pictures: z.array(appliedPictureSchema).default([]),
  /** Its requester has taken it off. */
  isOff: z.boolean(),
});
export type AppliedStyle = z.infer<typeof appliedStyleSchema>;

interface Styled {
  prompt: string;
  style: Pick<AppliedStyle, 'before' | 'after' | 'isOff'> | null;
}

/** The prompt that the platform is given: what was typed, with what a style adds to it. Pure. */
export const sentPrompt = ({ prompt, style }: Styled): string => {
  const { before, after } = addedBy({ prompt, style });
  return joined(joined(before, prompt), after);
};

/** What a style adds to a prompt: what is there already is not said twice. */
export function addedBy({ prompt, style }: Styled): Pick<AppliedStyle, 'before' | 'after'> {
  if (!style || style.isOff) return { before: '', after: '' };
  const { before, after } = style;
  return { before: beginsWith(prompt, before) ? '' : before, after: endsWith(prompt, after) ? '' : after };
}

interface Pictured {
  style: AppliedStyle | null;
  /** `pictures`: how many pictures each takes, where some may be those of a style. */
  models: { pictures: number }[];
  inputs: { kind: MediaKind }[];
  options: { source_job?: string | undefined };
}

/** How many pictures of its style a request has room for; the person’s own come first. */
export function roomForPictures({ style, models, inputs, options }: Pictured): number {
  if (!style || style.isOff || options.source_job !== undefined) return 0;
  const own = inputs.filter(({ kind }) => kind === 'image').length;
  return Math.max(0, Math.min(...models.map(({ pictures }) => pictures)) - own);
}

/** The pictures that a style adds to those of the person: as many as there is room for, of those that are there. */
export function addedPictures(asked: Pictured): (AppliedPicture & { url: string })[] {
  const there = asked.style?.pictures.flatMap((picture) =>
    picture.url === null ? [] : [{ ...picture, url: picture.url }],
  );
  return there?.slice(0, roomForPictures(asked)) ?? [];
}

/** What identifies the pictures that a style adds: their addresses change from one reading to the next. */
export const pictureIds = (asked: Pictured): string[] => addedPictures(asked).map(({ attachment }) => attachment);

/** The pictures that would be added, but are gone. */
export const gonePictures = (asked: Pictured): AppliedPicture[] =>
  roomForPictures(asked) === 0 ? [] : (asked.style?.pictures.filter(({ isGone }) => isGone) ?? []);

/** The `generation_type` that a model is asked for: words with pictures of a style are no longer words alone. */
export const sentGenerationType = (asked: Pictured, { generationType }: { generationType: string }): string =>
  addedPictures(asked).length > 0 ? 'image-to-image' : generationType;

/** Whether taking the style off changes anything; another run of the same job has the words of that job. */
export const canTakeOff = (asked: Pictured & Styled): boolean =>
  asked.options.source_job === undefined && (sentPrompt(asked) !== asked.prompt || addedPictures(asked).length > 0);

/** Two texts in one; a comma between them where the first has no sign at its end. */
function joined(first: string, second: string): string {
  if (first === '' || second === '') return first + second;
  return `${first}${/[\p{P}]$/u.test(first) ? ' ' : ', '}${second}`;
}

const inWord = /[\p{L}\p{M}\p{N}]/u;

function beginsWith(text: string, phrase: string): boolean {
  const rest = text.slice(phrase.length);
  return text.toLowerCase().startsWith(phrase.toLowerCase()) && !inWord.test([...rest][0] ?? '');
}

function endsWith(text: string, phrase: string): boolean {
  const rest = text.slice(0, Math.max(0, text.length - phrase.length));
  return text.toLowerCase().endsWith(phrase.toLowerCase()) && !inWord.test([...rest].at(-1) ?? '');
}
