import { z } from 'zod';
import { type RecipeName, recipes } from '../flows/recipes/index.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import { type AppliedStyle, stylePictureSchema } from '../flows/style.ts';
import { defaultsSchema } from './defaults.ts';
import type { WordList } from './words.ts';

/** The house style of a channel: what makes things made there look alike. Pure. */

/** Characters of a phrase: both together leave a prompt its room in every model. */
export const longestPhrase = 300;
export const longestName = 60;
/** Words that a style refuses. */
export const maxWords = 50;
/** Reference pictures of a style: more of them leave people no room for their own. */
export const maxPictures = 4;
/** Channels of a server that have a style: its record is read and written as a whole. */
export const maxStyles = 200;

export const styleSchema = z.object({
  /** What people call it. */
  name: z.string(),
  /** Phrases set before and after a prompt; empty where there is none. */
  before: z.string().default(''),
  after: z.string().default(''),
  pictures: z.array(stylePictureSchema).default([]),
  /** Words that nobody may use there. */
  words: z.array(z.string()).default([]),
  /** The shape of what begins with words alone; null: the usual one. */
  aspect: z.string().nullable().default(null),
  /** The model taken where none was chosen, by the name of the recipe. */
  models: z.record(z.string(), z.string()).default({}),
  /** The options taken where none were chosen, by the name of the recipe. */
  options: z.record(z.string(), defaultsSchema).default({}),
});
export type StoredStyle = z.infer<typeof styleSchema>;

/** The style of a channel, ready to be asked. */
export type ChannelStyle = Omit<StoredStyle, 'words'> & { words: WordList };

/** The first word in texts of a style that the server or the style itself does not allow; undefined where there is none. */
export const forbiddenIn = (texts: string[], blocked: WordList, own?: WordList): string | undefined =>
  blocked.findIn(texts) ?? own?.findIn(texts);

/** Such a word in a phrase of a style: what is asked for with it is refused. */
export const forbiddenPhrase = ({ before, after, words }: ChannelStyle, blocked: WordList): string | undefined =>
  forbiddenIn([before, after], blocked, words);

/** What a channel begins with. */
export const newStyle = (name: string): StoredStyle => styleSchema.parse({ name });

/** Whether a kind takes the phrases of a style: what is spoken, or sold, is said as it was typed. */
export const takesPhrases = (recipe: RecipeName) => recipes[recipe].tool === 'media';

/** Whether pictures of a style may stand beside the person's own. */
function takesPictures(name: RecipeName): boolean {
  const recipe: Recipe = recipes[name];
  return recipe.stylePictures !== undefined;
}

/** What a style adds to a request of this kind; null where it adds nothing. */
export function applyStyle(
  style: Pick<ChannelStyle, 'name' | 'before' | 'after' | 'pictures'> | undefined,
  recipe: RecipeName,
): AppliedStyle | null {
  if (!style) return null;
  const { name } = style;
  const { before, after } = takesPhrases(recipe) ? style : { before: '', after: '' };
  const kept = takesPictures(recipe) ? style.pictures : [];
  if (before === '' && after === '' && kept.length === 0) return null;
  const pictures = kept.map((picture) => ({ ...picture, url: null, isGone: false }));
  return { name, before, after, pictures, isOff: false };
}
