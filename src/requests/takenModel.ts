import type { ModelReason } from '../flows/asked.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import { isSpecial, type Model } from '../kubeez/model.ts';
import { rankModels } from './ranking.ts';

/** A model that managers have chosen for a kind, and where it holds from. */
export interface ChosenModel {
  id: string;
  by: 'channel' | 'server';
}

/** A model, and why it is the default; no reason where somebody chose it. */
export type TakenModel = Model & { takenAs?: ModelReason };

/**
 * Models a recipe can work with: the default first, and last those that only a person may choose.
 *
 * @param uses of each model where somebody asks
 * @param picked the model that the platform picks for this
 * @param own the model that the channel, or else the Discord server, has chosen for this
 */
export function modelsFor(
  recipe: Recipe,
  all: Model[],
  uses: ReadonlyMap<string, number>,
  picked?: Model,
  own?: ChosenModel,
): Model[] {
  const models = all.filter(recipe.accepts);
  if (recipe.prefers) return models.sort(recipe.prefers);
  const ordinary = new Set(ordinaryOf(recipe, models));
  const order = (model: Model) => {
    if (model.id === own?.id) return 0;
    return !ordinary.has(model) ? 3 : model.id === picked?.id ? 1 : 2;
  };
  return rankModels(models, '', uses).sort((one, other) => order(one) - order(other));
}

/** The model taken where nobody chose one; undefined where a person must choose. */
export function takeModel(
  recipe: Recipe,
  all: Model[],
  uses: ReadonlyMap<string, number>,
  picked?: Model,
  own?: ChosenModel,
): TakenModel | undefined {
  const [first, ...others] = modelsFor(recipe, all, uses, picked, own);
  if (!first || recipe.prefers) return first;
  if (first.id === own?.id) return { ...first, takenAs: own.by };
  if (ordinaryOf(recipe, [first, ...others]).length === 0) return undefined;
  // What has no alternative needs no reason.
  if (others.length === 0) return first;
  const takenAs = first.id === picked?.id ? 'picked' : (uses.get(first.id) ?? 0) > 0 ? 'mostUsed' : 'cheapest';
  return { ...first, takenAs };
}

/**
 * Models that may be a default. Where a prompt is needed, a model must take one, and must not be made for one special
 * thing only, such as removing a background.
 */
export function ordinaryOf(recipe: Recipe, models: Model[]): Model[] {
  if (recipe.generationType === '') return models;
  // Where some rows say that they read words, one that says nothing of it may not.
  const isSaid = models.some((model) => model.readsWords);
  return models.filter((model) => (model.readsWords ?? !isSaid) && (recipe.isSpecial || !isSpecial(model)));
}
