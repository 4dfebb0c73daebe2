import { ApplicationCommandOptionType } from 'discord.js';
import type { Options } from '../../flows/flow.ts';
import { ad as recipe } from '../../flows/recipes/ad.ts';
import type { Model } from '../../kubeez/model.ts';
import { begin } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, numberOf, optionField, textOf } from '../../requests/draft.ts';
import { optionDefinitions } from '../../requests/options.ts';
import { choicesThatFit, valueChoices } from '../../requests/ranking.ts';
import {
  bare,
  checkGiven,
  checkLanguage,
  inputOf,
  kindsOf,
  languages,
  no,
  type Picked,
  pickModel,
  type Request,
  yes,
} from '../../requests/request.ts';
import { modelsFor } from '../../requests/takenModel.ts';
import { typedText } from '../../requests/typedFields.ts';
import { brief, cut, isBlank } from '../../text/cut.ts';

const variantsMost = 4;

export const ad: Command = {
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Make ads for your product, modelled on another ad',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'product',
        description: 'Describe the product',
        required: true,
        max_length: 2000,
      },
      {
        type: ApplicationCommandOptionType.Integer,
        name: 'variants',
        description: 'How many ads, 1 to 4; each is charged',
        min_value: 1,
        max_value: variantsMost,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'language',
        description: 'The language of the ad (leave out for English)',
        autocomplete: true,
      },
      optionDefinitions.aspect,
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'reference',
        description: 'The ad to follow (leave out to get an upload link by DM)',
      },
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'image',
        description: 'A picture of the product, if there is one',
      },
    ],
  },
  rules: {
    check: checkAd,
    fields: (draft) => [
      ...typedText('product', 'Product', draft),
      optionField(draft, 'aspect', 'Width to height, such as 4:5; leave it empty for the usual shape.'),
      optionField(draft, 'language', 'Such as en or de; leave it empty for English.'),
      optionField(draft, 'variants', 'How many ads, 1 to 4; each has its price.'),
    ],
  },
  execute: (interaction, parts) => {
    const draft = draftOf(interaction, recipe.name);
    return begin(interaction, checkAd(draft, interaction, parts), parts, draft);
  },
  async autocomplete(interaction, parts) {
    const focused = interaction.options.getFocused(true);
    const models = parts.catalogue.all();
    const [model] = modelsFor(recipe, models, new Map());
    await interaction.respond(
      focused.name === 'aspect'
        ? valueChoices(model ? shapes(model, models) : [], focused.value)
        : choicesThatFit(languages(), focused.value),
    );
  },
};

/** The row of this tool may name no shapes; those of the catalogue's pictures are then offered. */
function shapes(model: Model, all: Model[]): string[] {
  if (model.aspects.length > 0) return model.aspects;
  const known = all.filter(({ type }) => type === 'image').flatMap(({ aspects }) => aspects);
  return [...new Set(known)].filter((aspect) => /^\d+:\d+$/.test(aspect));
}

/** Checks what somebody typed for an ad. */
async function checkAd(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Picked<Request>> {
  const prompt = textOf(draft, 'product')?.trim() ?? '';
  if (isBlank(prompt)) return no('The product is empty: describe it.');
  const variants = numberOf(draft, 'variants') ?? 1;
  if (!Number.isInteger(variants) || variants < 1 || variants > variantsMost)
    return no(`“${brief(textOf(draft, 'variants') ?? '')}” variants cannot be made: ask for 1 to ${variantsMost}.`);
  const language = checkLanguage(textOf(draft, 'language'));
  if (!language.ok) return language;
  const model = await pickModel(null, recipe, interaction, parts);
  if (!model.ok) return model;
  const aspect = textOf(draft, 'aspect')?.trim().replace(/x/i, ':');
  const known = shapes(model.value, parts.catalogue.all());
  if (aspect && !known.includes(aspect))
    return no(`Ads do not take the aspect “${brief(aspect)}”: they take ${cut(known.join(', '), 500)}.`);
  const { reference: ad, image: product } = draft.files;
  const reference = checkGiven(ad ? [ad] : [], recipe, model.value);
  if (!reference.ok) return reference;
  if (product && !kindsOf(product).includes('image'))
    return no(`“${brief(product.name)}” is not a picture of the product: PNG, JPEG and WebP work.`, 'file');
  const chosen: Options = {
    variant_count: variants,
    ...(language.value === undefined ? {} : { language: language.value }),
    ...(aspect ? { aspect_ratio: aspect } : {}),
  };
  const inputs = [
    ...reference.value.inputs,
    ...(product ? [{ ...inputOf(product, 'image'), role: 'product' as const }] : []),
  ];
  return yes({ ...bare, recipe, model: model.value, prompt, options: chosen, inputs });
}
