import { ad } from './ad.ts';
import { animate } from './animate.ts';
import { captions } from './captions.ts';
import { cutout } from './cutout.ts';
import { dub } from './dub.ts';
import { edit } from './edit.ts';
import { image } from './image.ts';
import { lipsync } from './lipsync.ts';
import { motion } from './motion.ts';
import { music } from './music.ts';
import type { Recipe } from './recipe.ts';
import { separate } from './separate.ts';
import { sound } from './sound.ts';
import { speech } from './speech.ts';
import { video } from './video.ts';

/** Every recipe, by its name. A new kind of flow is one file here and one in `commands`. */
export const recipes = {
  image,
  edit,
  video,
  animate,
  motion,
  lipsync,
  music,
  speech,
  captions,
  separate,
  ad,
  cutout,
  sound,
  dub,
} satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;
export const recipeNames = Object.keys(recipes) as RecipeName[];
