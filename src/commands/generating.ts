import type { AutocompleteInteraction } from 'discord.js';
import { recipes } from '../flows/recipes/index.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import { begin } from './begin.ts';
import { type Asking, type Command, type CommandParts, commandBase, type Parts } from './command.ts';
import { type Draft, draftOf, flagOf, numberOf, textOf } from './draft.ts';
import { allowed, checkOptions, type OptionName, optionDefinitions, type Typed, untyped } from './options.ts';
import { valueChoices } from './ranking.ts';
import {
  bare,
  checkGiven,
  checkPrompt,
  completeModel,
  findModel,
  type Picked,
  pickModel,
  type Request,
  usesAt,
  yes,
} from './request.ts';
import { modelsFor } from './takenModel.ts';

interface GeneratingCommand {
  recipe: Recipe;
  description: string;
  options: OptionName[];
}

/** A command that goes through `generate_media`: checks what was typed from memory, and starts a flow. */
export function generatingCommand({ recipe, description, options }: GeneratingCommand): Command {
  return {
    data: { ...commandBase, name: recipe.name, description, options: options.map((name) => optionDefinitions[name]) },
    execute: (interaction, parts) => {
      const draft = draftOf(interaction, recipe.name);
      return begin(interaction, checkGenerating(draft, interaction, parts), parts, draft);
    },
    autocomplete: (interaction, parts) => suggest(interaction, recipe, parts),
  };
}

/** What a person asks a media model for. */
export interface Wish {
  prompt: string;
  model: string | null;
  typed?: Typed;
}

/** Checks a wish against the model it is for; files are looked at elsewhere. */
export async function checkWish(
  recipe: Recipe,
  { prompt, model: wanted, typed = untyped }: Wish,
  interaction: Asking,
  parts: Parts,
): Promise<Picked<Request>> {
  const model = await pickModel(wanted, recipe, interaction, parts);
  if (!model.ok) return model;
  const words = checkPrompt(prompt, model.value);
  if (!words.ok) return words;
  const kinds = recipe.needs(model.value).flatMap((need) => need.kinds);
  const checked = checkOptions(model.value, typed, kinds);
  if (!checked.ok) return checked;
  return yes({ ...bare, recipe, model: model.value, prompt: words.value, options: checked.options });
}

/** Checks what somebody typed for a recipe that goes through `generate_media`, and the files given with it. */
export async function checkGenerating(draft: Draft, interaction: Asking, parts: Parts): Promise<Picked<Request>> {
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
  const wish = { prompt: textOf(draft, 'prompt') ?? '', model: textOf(draft, 'model'), typed };
  const request = await checkWish(recipe, wish, interaction, parts);
  if (!request.ok) return request;
  const files = checkGiven(Object.values(draft.files), recipe, request.value.model);
  if (!files.ok) return files;
  const { input, parent } = draft;
  // A result's platform address is passed on: nothing is uploaded again.
  const given = input ? { inputs: [input], attachments: [] } : files.value;
  return yes({ ...request.value, ...given, parent, spoiler: flagOf(draft, 'spoiler') ?? false });
}

async function suggest(interaction: AutocompleteInteraction, recipe: Recipe, parts: CommandParts): Promise<void> {
  const focused = interaction.options.getFocused(true);
  if (focused.name === 'model') return completeModel(interaction, recipe, parts);
  const uses = await usesAt(interaction, parts).catch(() => new Map());
  const models = modelsFor(recipe, parts.catalogue.all(), uses, parts.catalogue.picked(recipe.name));
  const typed = interaction.options.getString('model')?.trim();
  const model = typed ? findModel(models, typed) : models[0];
  await interaction.respond(model ? valueChoices(allowed(model, focused.name), focused.value) : []);
}
