import type { MediaKind, Model } from '../../kubeez/model.ts';
import type { Flow } from '../flow.ts';
import type { Recipe } from './recipe.ts';

/** A recipe that goes through `generate_media` and takes no files, or images. */
export function mediaRecipe(
  named: Pick<Recipe, 'name' | 'title' | 'emoji' | 'generationType'> & { inputs?: MediaKind[] },
): Recipe {
  const inputs = named.inputs ?? [];
  return {
    ...named,
    inputs,
    accepts: (model) =>
      model.generationTypes.includes(named.generationType) &&
      inputs.every((kind) => model.inputKinds.includes(kind)) &&
      !needsMotion(model),
    callArguments: mediaArguments,
  };
}

/** Motion control needs an image and a video together: a recipe of its own. The catalogue tells it by its name only. */
const needsMotion = (model: Model) => /motion.?control/i.test(`${model.id} ${model.name}`);

/** What `generate_media` is given (kubeez.com/docs/tools-media). `sound` is always said when a model can be asked. */
function mediaArguments(flow: Flow): Record<string, unknown> {
  return {
    prompt: flow.prompt,
    model: flow.model.id,
    generation_type: flow.model.generationType,
    ...flow.options,
    ...(flow.inputs.length > 0 ? { source_media_urls: flow.inputs.map((input) => input.url) } : {}),
  };
}
