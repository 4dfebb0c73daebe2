import type { AutocompleteInteraction, ChatInputCommandInteraction } from 'discord.js';
import type { Input } from '../flows/flow.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import { begin } from './begin.ts';
import { type Asking, type Command, type CommandParts, commandBase, type Parts } from './command.ts';
import { allowed, checkOptions, type OptionName, optionDefinitions, type Typed, untyped } from './options.ts';
import { valueChoices } from './ranking.ts';
import {
  bare,
  checkFiles,
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
    execute: (interaction, parts) => begin(interaction, readRequest(interaction, recipe, parts), parts),
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

/** A wish that goes on from a result: its platform address is passed on, nothing is uploaded again. */
export async function checkOnward(
  recipe: Recipe,
  wish: Wish,
  input: Input,
  parent: string,
  interaction: Asking,
  parts: Parts,
): Promise<Picked<Request>> {
  const request = await checkWish(recipe, wish, interaction, parts);
  return request.ok ? yes({ ...request.value, inputs: [input], parent }) : request;
}

async function readRequest(
  interaction: ChatInputCommandInteraction,
  recipe: Recipe,
  parts: Parts,
): Promise<Picked<Request>> {
  const { options } = interaction;
  const typed = {
    aspect: options.getString('aspect'),
    duration: options.getString('duration'),
    resolution: options.getString('resolution'),
    quality: options.getString('quality'),
    sound: options.getBoolean('sound'),
    negative: options.getString('negative'),
    seed: options.getInteger('seed'),
  };
  const wish = { prompt: options.getString('prompt', true), model: options.getString('model'), typed };
  const request = await checkWish(recipe, wish, interaction, parts);
  if (!request.ok) return request;
  const given = ['image', 'video', 'audio'].map((name) => options.getAttachment(name));
  const files = checkFiles(given, recipe, request.value.model);
  if (!files.ok) return files;
  return yes({ ...request.value, ...files.value, spoiler: options.getBoolean('spoiler') ?? false });
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
