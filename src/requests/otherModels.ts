import { isMet, problemOf } from '../flows/files.ts';
import type { Flow } from '../flows/flow.ts';
import { isOwnAccount } from '../flows/payer.ts';
import { recipes } from '../flows/recipes/index.ts';
import { leftIn } from '../flows/room.ts';
import { cents } from '../flows/runs.ts';
import { sentPrompt } from '../flows/style.ts';
import type { Model } from '../kubeez/model.ts';
import { rankModels } from './ranking.ts';
import { acceptedBy, ordinaryOf } from './takenModel.ts';

/** Other models for what a flow asks for. Pure: all of it comes from the flow's record and the catalogue. */

/**
 * Models that can make what a flow asks for, with its words and files, and its own among them; those most used come first.
 * Empty where its kind takes no model.
 *
 * @param all the catalogue
 * @param uses of each model where somebody asks
 */
export function modelsThatCan(
  flow: Flow,
  all: readonly Model[],
  uses: ReadonlyMap<string, number> = new Map(),
): Model[] {
  const recipe = recipes[flow.recipe];
  const { options, models, inputs } = flow.asked;
  const words = sentPrompt(flow.asked).length;
  const [own, ...others] = models;
  if (!recipe.takesModel || others.length > 0) return [];
  const accepted = acceptedBy(recipe, all);
  const ordinary = ordinaryOf(recipe, accepted);
  // Whoever chose a model for one special thing may choose another such.
  const isSpecial = accepted.some(({ id }) => id === own.id) && !ordinary.some(({ id }) => id === own.id);
  const files = inputs.filter(({ role }) => role === undefined);
  const fitting = (isSpecial ? accepted : ordinary).filter((model) => {
    const needs = recipe.needs(model);
    const takesWords = !recipe.takesPrompt || model.promptMax === undefined || words <= model.promptMax;
    const takesFiles = isMet(needs, files) && problemOf({ needs }, files) === null;
    return takesWords && takesFiles && (recipe.follows?.(model, options) ?? true);
  });
  return rankModels(fitting, '', uses);
}

/** Those of them that cost less than the flow's own, and no more than what is left where that is known; cheapest first. */
export function cheaperModels(flow: Flow, all: readonly Model[]): Model[] {
  const { listed } = recipes[flow.recipe];
  const [own] = flow.asked.models;
  const row = all.find(({ id }) => id === own.id);
  const quoted = quotedFor(flow);
  const most = leftFor(flow);
  return modelsThatCan(flow, all)
    .filter((model) => {
      // What is only estimated is compared with the list, or an estimate would be measured by another's beginning.
      const known = listed(model) ? quoted : (row?.price ?? quoted);
      return model.id !== own.id && model.price < known && creditsOfAll(flow, model) <= most;
    })
    .sort((one, other) => one.price - other.price || one.name.localeCompare(other.name));
}

/** What all runs of a flow cost with a model, by the list. */
export const creditsOfAll = ({ runs }: Pick<Flow, 'runs'>, { price }: Pick<Model, 'price'>) =>
  cents(price * Math.max(1, runs.length));

/** What one run was last said to cost. */
function quotedFor({ money, shown, runs }: Flow): number {
  const price = money.quote?.credits ?? shown.reason?.price ?? Number.POSITIVE_INFINITY;
  return price / Math.max(1, runs.length);
}

/** What is left for a flow as far as its card says. */
function leftFor(flow: Flow): number {
  const { quote, room } = flow.money;
  const { reason } = flow.shown;
  // What somebody's own account has left is not told by what others are offered either.
  const known = isOwnAccount(flow) ? undefined : (reason?.balance ?? quote?.balance);
  const balance = known ?? Number.POSITIVE_INFINITY;
  const limit = reason?.room ?? room;
  return limit ? Math.min(balance, leftIn(limit)) : balance;
}
