import type { RecipeName } from '../flow.ts';
import { animate } from './animate.ts';
import { edit } from './edit.ts';
import { image } from './image.ts';
import type { Recipe } from './recipe.ts';
import { video } from './video.ts';

/** Every recipe, by its name. A new kind of flow is one file here and one in `commands`. */
export const recipes: Record<RecipeName, Recipe> = { image, edit, video, animate };
