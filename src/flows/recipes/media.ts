import type { MediaKind } from '../../kubeez/media.ts';
import { isFlatRate, type Model } from '../../kubeez/model.ts';
import type { Need } from '../asked.ts';
import type { Flow } from '../flow.ts';
import { addedPictures, sentGenerationType, sentPrompt } from '../style.ts';
import { times } from '../times.ts';
import type { Call, Recipe } from './recipe.ts';

type Named = Pick<Recipe, 'name' | 'emoji' | 'generationType'> &
  Partial<
    Pick<Recipe, 'accepts' | 'needs' | 'ownFiles' | 'isSpecial' | 'canVary' | 'canBeSilent' | 'stylePictures'>
  > & {
    takes?: MediaKind[];
  };

/** A recipe that goes through `generate_media`; unless it says otherwise, it takes no files, or images. */
export function mediaRecipe({ takes = [], ...named }: Named): Recipe {
  const fits = (model: Model) =>
    model.generationTypes.includes(named.generationType) && takes.every((kind) => model.inputKinds.includes(kind));
  const makes = named.generationType.endsWith('video') ? 'video' : 'image';
  return {
    makes,
    takesPrompt: true,
    takesModel: true,
    pool: 'media',
    tool: 'media',
    ownFiles: false,
    pick: {
      modality: makes,
      ...Object.fromEntries(takes.map((kind) => [`${kind}s`, 1])),
    },
    needs: (model) => takes.map((kind) => ({ kinds: [kind], min: 1, max: model.inputsMax[kind] })),
    ...named,
    accepts: (model) => fits(model) && (named.accepts?.(model) ?? !needsMotion(model)),
    listed: isFlatRate,
    start: (flow, call) =>
      flow.asked.options.source_job === undefined
        ? { tool: 'media', args: mediaArguments(flow, call) }
        : { tool: 'regenerate', args: { id: flow.asked.options.source_job, variant_count: call.count } },
    follow: 'media',
    isInHistory: true,
    patience: times.paidCall,
  };
}

/** Motion control needs an image and a video together and has its own recipe. The catalogue shows it only in the name. */
export const needsMotion = (model: Model) => /motion.?control/i.test(`${model.id} ${model.name}`);

/** Reference pictures go to whatever works from several; a row that does one special thing reads them in ways of its own. */
export const referencePictures = (model: Model): number =>
  model.generationTypes.includes('image-to-image') && !model.isSpecial ? model.inputsMax.image : 0;

/** One file of a kind, within the row's own bounds if it has any. */
export function one(kind: MediaKind, model: Model, usual: Pick<Need, 'seconds' | 'bytes'> = {}): Need {
  const seconds = model.inputSeconds ?? usual.seconds;
  const bytes = model.inputBytes ?? usual.bytes;
  return {
    kinds: [kind],
    min: 1,
    max: 1,
    ...(seconds && kind !== 'image' ? { seconds } : {}),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

/** What `generate_media` is given (kubeez.com/docs/tools-media). `sound` is always said when a model can be asked. */
function mediaArguments({ asked }: Flow, { model, seed }: Call): Record<string, unknown> {
  const { aspect_ratio, duration, resolution, quality, sound, negative_prompt } = asked.options;
  const files = [...asked.inputs, ...addedPictures(asked)];
  const options = { aspect_ratio, duration, resolution, quality, sound, negative_prompt };
  return {
    prompt: sentPrompt(asked),
    model: model.id,
    generation_type: sentGenerationType(asked, model),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    ...(seed === null ? {} : { seed }),
    ...(files.length > 0 ? { source_media_urls: files.map(({ url }) => url) } : {}),
  };
}
