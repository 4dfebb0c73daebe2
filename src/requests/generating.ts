import type { AutocompleteInteraction } from 'discord.js';
import { recipes } from '../flows/recipes/index.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import type { Model } from '../kubeez/model.ts';
import { t } from '../text/text.ts';
import { beginTyped } from './begin.ts';
import { type Command, type ControlParts, commandBase, type Parts, type StartInteraction } from './command.ts';
import { type Draft, draftOf, flagOf, numberOf, textOf } from './draft.ts';
import {
  allowed,
  checkOptions,
  fitOf,
  type OptionName,
  optionDefinitions,
  type Wanted,
  withWishes,
} from './options.ts';
import { valueChoices } from './ranking.ts';
import {
  checkGiven,
  checkPrompt,
  completeModel,
  decidedAt,
  findModel,
  modelsAt,
  ok,
  pickModel,
  type Request,
  type Result,
  requestDefaults,
} from './request.ts';
import { acceptedBy } from './takenModel.ts';

interface GeneratingCommand {
  recipe: Recipe;
  options: OptionName[];
}

/** A command that goes through `generate_media`: checks what was typed from memory, and starts a flow. */
export function generatingCommand({ recipe, options }: GeneratingCommand): Command {
  return {
    name: recipe.name,
    define: () => {
      const all = optionDefinitions();
      return {
        ...commandBase,
        description: t(`command.${recipe.name}`),
        options: options.map((name) => all[name]),
      };
    },
    execute: (interaction, parts) => beginTyped(interaction, draftOf(interaction, recipe.name), checkGenerating, parts),
    autocomplete: (interaction, parts) => suggest(interaction, recipe, parts),
  };
}

/** Checks what somebody typed for a recipe that goes through `generate_media`, and the files given with it. */
export async function checkGenerating(
  draft: Draft,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Result<Request>> {
  const recipe = recipes[draft.recipe];
  const typed = {
    aspect: textOf(draft, 'aspect'),
    duration: textOf(draft, 'duration'),
    resolution: textOf(draft, 'resolution'),
    quality: textOf(draft, 'quality'),
    sound: flagOf(draft, 'sound'),
    negative: textOf(draft, 'negative'),
    seed: numberOf(draft, 'seed'),
  };
  const kindsOf = (one: Model) => recipe.needs(one).flatMap((need) => need.kinds);
  const decided = await decidedAt(interaction, parts);
  const accepted = acceptedBy(recipe, parts.catalogue.all());
  const fit = fitOf(typed, wishesFor(recipe, decided, accepted), kindsOf);
  const picked = await pickModel(textOf(draft, 'model'), recipe, interaction, parts, fit);
  if (!picked.ok) return picked;
  const model = picked.value;
  const prompt = checkPrompt(textOf(draft, 'prompt') ?? '', model);
  if (!prompt.ok) return prompt;
  const kinds = kindsOf(model);
  const wishes = wishesFor(recipe, decided, [model]);
  const checked = checkOptions(model, withWishes(model, typed, wishes, kinds), kinds);
  if (!checked.ok) return checked;
  const files = checkGiven(Object.values(draft.files), recipe, model);
  if (!files.ok) return files;
  const { input, parent } = draft;
  // A result's platform address is passed on: nothing is uploaded again.
  const given = input ? { inputs: [input], attachments: [] } : files.value;
  const spoiler = flagOf(draft, 'spoiler') ?? false;
  return ok({
    ...requestDefaults,
    recipe,
    model,
    prompt: prompt.value,
    options: checked.options,
    ...given,
    parent,
    spoiler,
  });
}

/** The options that managers want where none were typed, those of the channel first; the shape of a picture stays its own. */
function wishesFor(
  recipe: Recipe,
  { settings, style }: Awaited<ReturnType<typeof decidedAt>>,
  models: readonly Model[],
): Wanted[] {
  const beginsWithWords = models.every((model) => recipe.needs(model).length === 0);
  const shape = beginsWithWords ? (style?.aspect ?? undefined) : undefined;
  return [
    { ...style?.options[recipe.name], aspect: shape },
    { ...settings?.rules.options[recipe.name], aspect: settings?.rules.aspects[recipe.name] },
  ];
}

async function suggest(interaction: AutocompleteInteraction, recipe: Recipe, parts: ControlParts): Promise<void> {
  const focused = interaction.options.getFocused(true);
  if (focused.name === 'model') return completeModel(interaction, recipe, parts);
  const { models } = await modelsAt(recipe, interaction, parts);
  const typed = interaction.options.getString('model')?.trim();
  const model = typed ? findModel(models, typed) : models[0];
  await interaction.respond(model ? valueChoices(allowed(model, focused.name), focused.value) : []);
}
