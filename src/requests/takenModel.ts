import type { ModelReason } from '../flows/asked.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import type { Model } from '../kubeez/model.ts';
import { rankModels } from './ranking.ts';

/** A model that managers have chosen for a kind, and where it holds from. */
export interface ChosenModel {
  id: string;
  by: 'channel' | 'server';
}

/** A model, and why it is the default; no reason where somebody chose it. */
export type TakenModel = Model & { takenAs?: ModelReason };

const accepted = new WeakMap<readonly Model[], Map<Recipe, readonly Model[]>>();

/**
 * The models of a list that a recipe can work with, in the recipe’s own order if it has one, else the cheapest first. Every
 * command asks that of the same list, until there is another.
 */
export function acceptedBy(recipe: Recipe, all: readonly Model[]): readonly Model[] {
  const known = accepted.get(all) ?? new Map<Recipe, readonly Model[]>();
  const inOrder = (some: Model[]) => (recipe.prefers ? some.sort(recipe.prefers) : rankModels(some, '', new Map()));
  const models = known.get(recipe) ?? inOrder(all.filter(recipe.accepts));
  accepted.set(all, known.set(recipe, models));
  return models;
}

/**
 * Models a recipe can work with: the default first, and last those that only a person may choose.
 *
 * @param uses of each model where somebody asks
 * @param picked the model that the platform picks for this
 * @param own the model that the channel, or else the Discord server, has chosen for this
 */
export function modelsFor(
  recipe: Recipe,
  all: readonly Model[],
  uses: ReadonlyMap<string, number>,
  picked?: Model,
  own?: ChosenModel,
): Model[] {
  const models = acceptedBy(recipe, all);
  if (recipe.prefers) return [...models];
  const ordinary = new Set(ordinaryOf(recipe, models));
  const order = (model: Model) => {
    if (model.id === own?.id) return 0;
    return !ordinary.has(model) ? 3 : model.id === picked?.id ? 1 : 2;
  };
  const used = ({ id }: Model) => uses.get(id) ?? 0;
  return [...models].sort((one, other) => order(one) - order(other) || used(other) - used(one));
}

/**
 * The model taken where nobody chose one; undefined where a person must choose.
 *
 * @param models some that the recipe can work with, in the order of `modelsFor`
 */
export function takeModel(
  recipe: Recipe,
  models: readonly Model[],
  uses: ReadonlyMap<string, number>,
  picked?: Model,
  own?: ChosenModel,
): TakenModel | undefined {
  const [first, ...others] = models;
  if (!first || recipe.prefers) return first;
  if (first.id === own?.id) return { ...first, takenAs: own.by };
  if (ordinaryOf(recipe, models).length === 0) return undefined;
  // What has no alternative needs no reason.
  if (others.length === 0) return first;
  const takenAs = first.id === picked?.id ? 'picked' : (uses.get(first.id) ?? 0) > 0 ? 'mostUsed' : 'cheapest';
  return { ...first, takenAs };
}

/**
 * Models that may be a default. Where a prompt is needed, a model must take one, and must not be made for one special
 * thing only, such as removing a background.
 */
export function ordinaryOf(recipe: Recipe, models: readonly Model[]): readonly Model[] {
  if (recipe.generationType === '') return models;
  // Where some rows say that they read words, one that says nothing of it may not.
  const isSaid = models.some((model) => model.readsWords);
  return models.filter((model) => (model.readsWords ?? !isSaid) && (recipe.isSpecial || !model.isSpecial));
}
