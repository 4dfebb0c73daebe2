import { ApplicationCommandOptionType } from 'discord.js';
import type { Options } from '../../flows/asked.ts';
import { formats } from '../../flows/formats.ts';
import { ad as recipe } from '../../flows/recipes/ad.ts';
import type { Model } from '../../kubeez/model.ts';
import { beginTyped } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, numberOf, optionField, textOf } from '../../requests/draft.ts';
import { optionDefinitions } from '../../requests/options.ts';
import { choicesThatFit, valueChoices } from '../../requests/ranking.ts';
import {
  checkGiven,
  checkLanguage,
  inputOf,
  kindsOf,
  languages,
  ok,
  pickModel,
  type Request,
  type Result,
  refuse,
  requestDefaults,
} from '../../requests/request.ts';
import { modelsFor } from '../../requests/takenModel.ts';
import { typedText } from '../../requests/typedFields.ts';
import { brief, cut, isBlank } from '../../text/cut.ts';
import { t } from '../../text/text.ts';

const maxVariants = 4;

export const ad: Command = {
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.ad'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'product',
        description: t('option.ad.product'),
        required: true,
        max_length: 2000,
      },
      {
        type: ApplicationCommandOptionType.Integer,
        name: 'variants',
        description: t('option.ad.variants'),
        min_value: 1,
        max_value: maxVariants,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'language',
        description: t('option.ad.language'),
        autocomplete: true,
      },
      optionDefinitions().aspect,
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'reference',
        description: t('option.ad.reference'),
      },
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'image',
        description: t('option.ad.image'),
      },
    ],
  }),
  rules: {
    check: checkAd,
    fields: (draft) => [
      ...typedText('product', draft),
      optionField(draft, 'aspect', t('hint.adAspect')),
      optionField(draft, 'language', t('hint.adLanguage')),
      optionField(draft, 'variants', t('hint.adVariants')),
    ],
  },
  execute: (interaction, parts) => beginTyped(interaction, draftOf(interaction, recipe.name), checkAd, parts),
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

/** The catalogue row of this tool may list no aspect ratios; those of the image models are offered then. */
function shapes(model: Model, all: readonly Model[]): string[] {
  if (model.aspects.length > 0) return model.aspects;
  const known = all.filter(({ type }) => type === 'image').flatMap(({ aspects }) => aspects);
  return [...new Set(known)].filter((aspect) => /^\d+:\d+$/.test(aspect));
}

/** Checks what somebody typed for an ad. */
async function checkAd(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const prompt = textOf(draft, 'product')?.trim() ?? '';
  if (isBlank(prompt)) return refuse(t('refusal.productEmpty'));
  const variants = numberOf(draft, 'variants') ?? 1;
  if (!Number.isInteger(variants) || variants < 1 || variants > maxVariants)
    return refuse(t('refusal.variants', { typed: brief(textOf(draft, 'variants') ?? ''), max: maxVariants }));
  const language = checkLanguage(textOf(draft, 'language'));
  if (!language.ok) return language;
  const model = await pickModel(null, recipe, interaction, parts);
  if (!model.ok) return model;
  const aspect = textOf(draft, 'aspect')?.trim().replace(/x/i, ':');
  const known = shapes(model.value, parts.catalogue.all());
  if (aspect && !known.includes(aspect))
    return refuse(t('refusal.adAspect', { value: brief(aspect), values: cut(known.join(', '), 500) }));
  const { reference: ad, image: product } = draft.files;
  const reference = checkGiven(ad ? [ad] : [], recipe, model.value);
  if (!reference.ok) return reference;
  if (product && !kindsOf(product).includes('image'))
    return refuse(
      t('refusal.notProduct', { name: brief(product.name), formats: formats([{ kinds: ['image'] }]) }),
      'file',
    );
  const chosen: Options = {
    variant_count: variants,
    ...(language.value === undefined ? {} : { language: language.value }),
    ...(aspect ? { aspect_ratio: aspect } : {}),
  };
  const inputs = [
    ...reference.value.inputs,
    ...(product ? [{ ...inputOf(product, 'image'), role: 'product' as const }] : []),
  ];
  return ok({ ...requestDefaults, recipe, model: model.value, prompt, options: chosen, inputs });
}
