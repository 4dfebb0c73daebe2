import type { Attachment, AutocompleteInteraction } from 'discord.js';
import { z } from 'zod';
import { missingPermissions } from '../discord/permissions.ts';
import { placeOf } from '../engine/entry.ts';
import { problemOf } from '../flows/files.ts';
import type { Input, Options } from '../flows/flow.ts';
import { formats } from '../flows/formats.ts';
import { isGeneric } from '../flows/givenFiles.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import type { MediaKind, Model } from '../kubeez/model.ts';
import { brief, isBlank, plain } from '../text/cut.ts';
import { t } from '../text/text.ts';
import type { CommandParts, Parts, StartInteraction } from './command.ts';
import { modelChoices, rankModels } from './ranking.ts';
import { modelsFor, type TakenModel, takeModel } from './takenModel.ts';

/** What somebody asks for, checked: all that a new flow begins with. */
export interface Request {
  recipe: Recipe;
  model: TakenModel;
  prompt: string;
  options: Options;
  /** Files whose addresses can be passed on. */
  inputs: Input[];
  /** Files that Kubeez must have as uploads of its own. */
  attachments: Input[];
  starts: number;
  spoiler: boolean;
  parent: string | null;
}

/** Why something cannot be done, in one sentence; `about` names the option or field at fault. */
export interface Refused {
  ok: false;
  sentence: string;
  about?: string;
}

/** What a refusal is about that nothing typed can change. */
export const nothingTyped = 'nothing';

/** A value, or the one sentence that says why not. */
export type Picked<Value> = { ok: true; value: Value } | Refused;

export const no = (sentence: string, about?: string): Refused => ({
  ok: false,
  sentence: `${sentence} Nothing was spent.`,
  ...(about === undefined ? {} : { about }),
});
export const yes = <Value>(value: Value): Picked<Value> => ({ ok: true, value });

/** What a request is when nothing more was asked for. */
export const bare = {
  prompt: '',
  options: {},
  inputs: [],
  attachments: [],
  starts: 1,
  spoiler: false,
  parent: null,
} satisfies Partial<Request>;

/** Why no flow can be started here at all; undefined when one can. */
export function cannotStart(interaction: StartInteraction, { catalogue, place, payer }: Parts): string | undefined {
  if (!payer) return noAccount(interaction.guildId);
  const missing = interaction.inGuild() ? missingPermissions(interaction.appPermissions, place.isThread) : [];
  if (missing.length > 0)
    return `I cannot show results here: give me ${missing.join(', ')} in this channel. Nothing was spent.`;
  if (catalogue.all().length > 0) return undefined;
  return 'Kubeez could not be reached yet, so there are no models to choose from. Try again in a minute; nothing was spent.';
}

/** What to do where no account pays. */
export const noAccount = (guild: string | null) =>
  guild === null
    ? 'No Kubeez account pays for DMs. Use me in a server that has connected one. Nothing was spent.'
    : 'This server has no Kubeez account yet. Somebody who manages it can connect one with /connect. Nothing was spent.';

/** Uses of each model where somebody asks. */
export const usesAt = (
  { guildId, user }: Pick<StartInteraction, 'guildId' | 'user'>,
  { popularity }: Pick<Parts, 'popularity'>,
) => popularity.of(guildId ?? user.id);

/** The history a person looks into from where they are. */
export const historyAt = ({ guildId, user }: Pick<StartInteraction, 'guildId' | 'user'>) => placeOf(guildId, user.id);

/** Completes the option `model` with those a recipe can work with. */
export async function completeModel(interaction: AutocompleteInteraction, recipe: Recipe, parts: CommandParts) {
  const uses = await usesAt(interaction, parts).catch(() => new Map<string, number>());
  const models = modelsFor(recipe, parts.catalogue.all(), uses, parts.catalogue.picked(recipe.name));
  const typed = interaction.options.getFocused();
  await interaction.respond(modelChoices(typed.trim() === '' ? models : rankModels(models, typed, uses)));
}

/** A model by its id or its name, however it is capitalised: autocomplete's value is only what people usually send. */
export function findModel(models: Model[], typed: string): Model | undefined {
  const wanted = typed.trim().toLowerCase();
  return (
    models.find((model) => model.id === typed.trim()) ??
    models.find((model) => model.id.toLowerCase() === wanted || model.name.toLowerCase() === wanted)
  );
}

/** The model somebody chose, or the one taken by itself. */
export async function pickModel(
  typed: string | null,
  recipe: Recipe,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Picked<TakenModel>> {
  if (parts.payer?.kubeez.offers(recipe.tool) === false)
    return { ok: false, sentence: t(`recipe.${recipe.name}.notOffered`), about: nothingTyped };
  const uses = await usesAt(interaction, parts);
  const picked = parts.catalogue.picked(recipe.name);
  const models = modelsFor(recipe, parts.catalogue.all(), uses, picked);
  const wanted = typed?.trim();
  const model = wanted ? findModel(models, wanted) : takeModel(recipe, models, uses, picked);
  if (model) return yes(model);
  if (models.length === 0) return no(`Kubeez has no model for /${recipe.name} at the moment.`, nothingTyped);
  if (!wanted)
    return no(
      `Each model for /${recipe.name} does one special thing: choose one in \`model\`, such as ${brief(models[0]?.name ?? '')}.`,
      'model',
    );
  const near = rankModels(models, wanted, uses);
  const examples = (near.length > 0 ? near : models)
    .slice(0, 3)
    .map((one) => brief(one.name))
    .join(', ');
  return no(
    `There is no model “${brief(wanted)}” for /${recipe.name}. Pick one from the list, such as ${examples}.`,
    'model',
  );
}

/** Models to pick from, the one that was typed, or those nearest to it, before the others. */
export async function modelChoicesFor(
  recipe: Recipe,
  typed: string | null,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Model[]> {
  const uses = await usesAt(interaction, parts).catch(() => new Map<string, number>());
  const models = modelsFor(recipe, parts.catalogue.all(), uses, parts.catalogue.picked(recipe.name));
  const wanted = typed?.trim() ?? '';
  if (wanted === '') return models;
  const same = findModel(models, wanted);
  return [...new Set([...(same ? [same] : []), ...rankModels(models, wanted, uses), ...models])];
}

/** Words for a job: not empty, and not more than the model reads. */
export function checkPrompt(typed: string, model: Model): Picked<string> {
  const prompt = typed.trim();
  if (isBlank(prompt)) return no('The prompt is empty: say what you want to see.');
  if (model.promptMax === undefined || prompt.length <= model.promptMax) return yes(prompt);
  const most = model.promptMax.toLocaleString('en');
  const length = prompt.length.toLocaleString('en');
  return {
    ok: false,
    sentence: `The prompt has ${length} characters, but ${brief(model.name)} takes ${most}. Shorten it; nothing was spent.`,
  };
}

/** A file of Discord's. Its type is what Discord guesses from its name; the flow looks at its first bytes. */
export const givenSchema = z.object({
  url: z.string(),
  name: z.string(),
  type: z.string().default(''),
  bytes: z.number().optional(),
});
export type Given = z.infer<typeof givenSchema>;

const kinds: MediaKind[] = ['image', 'video', 'audio'];

export const givenOf = ({ url, name, contentType, size }: Attachment): Given => ({
  url,
  name,
  type: contentType ?? '',
  bytes: size,
});

/** Kinds a file may be of: one, or any while Discord does not know its type. */
export const kindsOf = ({ type }: Given): MediaKind[] =>
  isGeneric(type) ? kinds : kinds.filter((kind) => type.toLowerCase().startsWith(`${kind}/`));

/** A given file as a flow takes it, of the kind it has or, until its bytes were looked at, should have. */
export const inputOf = (given: Given, wanted: MediaKind): Input => {
  const { type, ...file } = given;
  const possible = kindsOf(given);
  return { ...file, claimedType: type, kind: possible.includes(wanted) ? wanted : (possible[0] ?? wanted) };
};

/** A request that rests on a file rather than on words, for the model taken by itself or the one that was chosen. */
export async function checkFileRequest(
  recipe: Recipe,
  file: Given | undefined,
  interaction: StartInteraction,
  parts: Parts,
  chosen: { model?: string | null; options?: Options } = {},
): Promise<Picked<Request>> {
  const { model: typed = null, options = {} } = chosen;
  const model = await pickModel(typed, recipe, interaction, parts);
  if (!model.ok) return model;
  const files = checkGiven(file ? [file] : [], recipe, model.value);
  return files.ok ? yes({ ...bare, recipe, model: model.value, options, ...files.value }) : files;
}

/**
 * Files given in place of an upload. Pictures are passed on by address, before Discord lets it lapse; what has a length
 * must be measured by Kubeez, so it becomes an upload of the platform's own.
 */
export function checkGiven(
  files: Given[],
  recipe: Recipe,
  model: Model,
): Picked<Pick<Request, 'inputs' | 'attachments'>> {
  const needs = recipe.needs(model);
  const needed = { name: model.name, needs };
  const [wanted = 'image'] = needs.flatMap((need) => need.kinds);
  const stranger = files.find((file) => kindsOf(file).length === 0);
  if (stranger) {
    const what = needs.flatMap((need) => need.kinds).includes('image') ? 'an image' : `a file for /${recipe.name}`;
    return no(`“${brief(stranger.name)}” is not ${what}: ${formats(needs)} work.`, 'file');
  }
  const inputs = files.map((file) => inputOf(file, wanted));
  // What Discord does not know is counted once its bytes were looked at.
  const known = inputs.filter((_, index) => !isGeneric(files[index]?.type ?? ''));
  const problem = problemOf(
    { model: needed },
    known.map((input) => ({ ...input, unreadable: false })),
  );
  if (problem) return no(plain(problem), 'file');
  return yes(recipe.ownFiles ? { inputs: [], attachments: inputs } : { inputs, attachments: [] });
}

/** A language by its code, as BCP 47 writes it (`de`, `pt-BR`), or by its English name. */
export function checkLanguage(typed: string | null): Picked<string | undefined> {
  const wanted = typed?.trim() ?? '';
  if (wanted === '' || wanted.toLowerCase() === 'auto') return yes(undefined);
  const byName = languages().find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (byName) return yes(byName.value);
  try {
    const [code] = Intl.getCanonicalLocales(wanted);
    if (code && languageNames.of(code) !== undefined) return yes(code);
  } catch {
    // Not even shaped like a code.
  }
  return no(
    `I do not know the language “${brief(wanted)}”: use its code, such as en or de, or pick one from the list.`,
    'language',
  );
}

const languageNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
/** Codes to suggest; any other that exists may be typed. */
const codes =
  'en de fr es it pt pt-BR nl pl cs sk hu ro bg el tr uk ru sv da nb fi et lv lt hr sr sl he ar fa hi bn ur ta te id ms vi th tl ja ko zh zh-TW';

/** Languages to choose from, as autocomplete shows them. */
export const languages = () => codes.split(' ').map((value) => ({ name: languageNames.of(value) ?? value, value }));
