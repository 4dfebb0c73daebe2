import { recipeNames } from '../flows/recipes/index.ts';
import type { Entry } from '../state/history.ts';
import { t } from '../text/text.ts';

/** What an entry of the history is about: its prompt or file, or the kind of result where there is neither. */
export function aboutOf({ about, recipe }: Entry): string {
  const name = recipeNames.find((one) => one === recipe);
  return about === '' && name ? t(`recipe.${name}.title`) : about;
}
