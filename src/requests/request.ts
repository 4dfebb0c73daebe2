import type { Attachment, AutocompleteInteraction } from 'discord.js';
import { z } from 'zod';
import { missingPermissions } from '../discord/permissions.ts';
import { placeOf } from '../engine/entry.ts';
import type { Adjusted, AskedModel, Input, Options } from '../flows/asked.ts';
import { problemSentence } from '../flows/fileProblems.ts';
import { problemOf } from '../flows/files.ts';
import { formats } from '../flows/formats.ts';
import { isGeneric } from '../flows/givenFiles.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import type { AppliedStyle } from '../flows/style.ts';
import type { Settings } from '../guilds/settings.ts';
import type { ChannelStyle } from '../guilds/style.ts';
import { type MediaKind, mediaKinds } from '../kubeez/media.ts';
import type { Model } from '../kubeez/model.ts';
import type { Capability } from '../kubeez/tools.ts';
import { brief, isBlank, plain } from '../text/cut.ts';
import { allOf, anyOf, languageName, t } from '../text/text.ts';
import type { ControlParts, Parts, StartInteraction } from './command.ts';
import type { Fit } from './options.ts';
import { modelChoices, rankModels } from './ranking.ts';
import { type ChosenModel, modelsFor, ordinaryOf, type TakenModel, takeModel } from './takenModel.ts';

/** A checked request: everything a new flow needs. */
export interface Request {
  recipe: Recipe;
  model: TakenModel;
  prompt: string;
  /** What the style of the channel adds. */
  style: AppliedStyle | null;
  options: Options;
  /** What its model made of options that were chosen for another. */
  adjusted: Adjusted[];
  /** Files whose addresses can be passed on. */
  inputs: Input[];
  /** Files that Kubeez must have as uploads of its own. */
  attachments: Input[];
  /** Paid calls to make: variants are one call each, unless the tool makes several by itself. */
  calls: number;
  spoiler: boolean;
  parent: string | null;
}

/** Why something cannot be done, in one sentence; `about` names the option or field at fault. */
export interface Refused {
  ok: false;
  sentence: string;
  about?: string;
}

/** What a refusal is about when changing the input would not help. */
export const nothingTyped = 'nothing';

/** A value, or the one sentence that says why not. */
export type Result<Value> = { ok: true; value: Value } | Refused;

export const refuse = (sentence: string, about?: string): Refused => ({
  ok: false,
  sentence,
  ...(about === undefined ? {} : { about }),
});
export const ok = <Value>(value: Value): Result<Value> => ({ ok: true, value });

/** The defaults of a request. */
export const requestDefaults = {
  prompt: '',
  style: null,
  options: {},
  adjusted: [],
  inputs: [],
  attachments: [],
  calls: 1,
  spoiler: false,
  parent: null,
} satisfies Partial<Request>;

/** What a record keeps of a row of the catalogue. */
export const askedModel = (recipe: Recipe, model: Model): AskedModel => ({
  id: model.id,
  name: model.name,
  generationType: recipe.generationType,
  seconds: model.seconds,
  needs: recipe.needs(model),
  pictures: recipe.stylePictures?.(model) ?? 0,
  silent: model.isSilent,
});

/** Why no flow can be started here at all; undefined when one can. */
export function cannotStart(interaction: StartInteraction, parts: Parts): string | undefined {
  const { catalogue, place, payer } = parts;
  if (!payer) return noAccount(interaction.guildId, parts);
  const missing = interaction.inGuild() ? missingPermissions(interaction.appPermissions, place.isThread) : [];
  if (missing.length > 0) return t('refusal.noPermissions', { permissions: allOf(missing) });
  if (catalogue.all().length > 0) return undefined;
  return t('refusal.noModelsYet');
}

/** What to do where no account pays. */
export function noAccount(guild: string | null, { guildSettings }: Pick<Parts, 'guildSettings'>): string {
  if (guild === null) return t('refusal.noAccountForDms');
  const allowsOwn = guildSettings.known(guild)?.rules.ownAccounts === true;
  return allowsOwn ? t('refusal.noAccountOrOwn') : t('refusal.noAccount');
}

/** How often each model was used where somebody asks. */
export const usesAt = (
  { guildId, user }: Pick<StartInteraction, 'guildId' | 'user'>,
  { popularity }: Pick<Parts, 'popularity'>,
) => popularity.of(guildId ?? user.id);

/** What managers have decided where somebody asks: of their server, and the style of their channel. */
export async function decidedAt(
  { guildId, channelId }: Pick<StartInteraction, 'guildId' | 'channelId'>,
  { guildSettings, place }: Pick<Parts, 'guildSettings' | 'place'>,
): Promise<{ settings?: Settings; style?: ChannelStyle }> {
  // Settings that cannot be read are told by what asks the rules.
  const settings = guildId === null ? undefined : await guildSettings.of(guildId).catch(() => undefined);
  // A thread has the style of the channel it belongs to.
  const style = settings?.styles[place.parent ?? channelId ?? ''];
  return { ...(settings ? { settings } : {}), ...(style ? { style } : {}) };
}

/** The model that the channel, or else the server, has chosen for a kind; one that is gone counts as none. */
async function ownModel(
  recipe: Recipe,
  interaction: Pick<StartInteraction, 'guildId' | 'channelId'>,
  parts: Pick<Parts, 'guildSettings' | 'place' | 'catalogue'>,
): Promise<ChosenModel | undefined> {
  const { settings, style } = await decidedAt(interaction, parts);
  const { name } = recipe;
  const chosen = [
    { id: style?.models[name], by: 'channel' as const },
    { id: settings?.rules.models[name], by: 'server' as const },
  ];
  for (const { id, by } of chosen) {
    const model = id === undefined ? undefined : parts.catalogue.get(id);
    if (model && recipe.accepts(model)) return { id: model.id, by };
  }
  return undefined;
}

/** The models a recipe can work with where somebody asks, the default first, and how often each is used, if that can be read. */
export async function modelsAt(
  recipe: Recipe,
  interaction: Pick<StartInteraction, 'guildId' | 'channelId' | 'user'>,
  parts: Pick<Parts, 'popularity' | 'guildSettings' | 'place' | 'catalogue'>,
): Promise<{ uses: ReadonlyMap<string, number>; models: Model[] }> {
  const uses = await usesAt(interaction, parts).catch(() => new Map<string, number>());
  const own = await ownModel(recipe, interaction, parts);
  return { uses, models: modelsFor(recipe, parts.catalogue.all(), uses, parts.catalogue.picked(recipe.name), own) };
}

/** The history that is shown where a person is. */
export const historyAt = ({ guildId, user }: Pick<StartInteraction, 'guildId' | 'user'>) => placeOf(guildId, user.id);

/** Completes the option `model` with those a recipe can work with. */
export async function completeModel(interaction: AutocompleteInteraction, recipe: Recipe, parts: ControlParts) {
  const { uses, models } = await modelsAt(recipe, interaction, parts);
  const typed = interaction.options.getFocused();
  await interaction.respond(modelChoices(typed.trim() === '' ? models : rankModels(models, typed, uses)));
}

/** A model by its id or name, in any capitals: people may also type what autocomplete does not offer. */
export function findModel(models: readonly Model[], typed: string): Model | undefined {
  const wanted = typed.trim().toLowerCase();
  return (
    models.find((model) => model.id === typed.trim()) ??
    models.find((model) => model.id.toLowerCase() === wanted || model.name.toLowerCase() === wanted)
  );
}

/**
 * Whether the server can do this. Before a process has reached the server it goes by what the one before it has noted;
 * where nothing is known, it is taken for granted.
 */
export const isOffered = (capability: Capability, { payer, catalogue }: Pick<Parts, 'payer' | 'catalogue'>): boolean =>
  payer?.kubeez.offers(capability) ?? catalogue.offers(capability) ?? true;

/**
 * The model somebody chose, or the one taken by itself.
 *
 * @param fit what a model should take, where nobody chose one
 */
export async function pickModel(
  typed: string | null,
  recipe: Recipe,
  interaction: StartInteraction,
  parts: Parts,
  fit?: Fit,
): Promise<Result<TakenModel>> {
  if (!isOffered(recipe.tool, parts)) return refuse(t(`recipe.${recipe.name}.notOffered`), nothingTyped);
  const uses = await usesAt(interaction, parts);
  const picked = parts.catalogue.picked(recipe.name);
  const own = await ownModel(recipe, interaction, parts);
  const models = modelsFor(recipe, parts.catalogue.all(), uses, picked, own);
  const wanted = typed?.trim();
  const model = wanted
    ? findModel(models, wanted)
    : takeModel(recipe, fittingOf(recipe, models, own, fit), uses, picked, own);
  if (model) return ok(model);
  if (models.length === 0) return refuse(t('refusal.noModel', { command: recipe.name }), nothingTyped);
  if (!wanted)
    return refuse(t('refusal.chooseModel', { command: recipe.name, model: brief(models[0]?.name ?? '') }), 'model');
  const near = rankModels(models, wanted, uses);
  const examples = (near.length > 0 ? near : models).slice(0, 3).map((one) => brief(one.name));
  const said = { model: brief(wanted), command: recipe.name, examples: anyOf(examples) };
  return refuse(t('refusal.unknownModel', said), 'model');
}

/** The models of which one is taken where nobody chose one. What managers have chosen goes before what they wish of others. */
function fittingOf(
  recipe: Recipe,
  models: readonly Model[],
  own: ChosenModel | undefined,
  fit: Fit | undefined,
): readonly Model[] {
  const ordinary = ordinaryOf(recipe, models);
  if (!fit || recipe.prefers || ordinary.length === 0) return models;
  const able = fit.typed([...models.filter(({ id }) => id === own?.id), ...ordinary]);
  return able.some(({ id }) => id === own?.id) ? able : fit.wished(able);
}

/** Models to pick from, the one that was typed, or those nearest to it, before the others. */
export async function modelChoicesFor(
  recipe: Recipe,
  typed: string | null,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Model[]> {
  const { uses, models } = await modelsAt(recipe, interaction, parts);
  const wanted = typed?.trim() ?? '';
  if (wanted === '') return models;
  const same = findModel(models, wanted);
  return [...new Set([...(same ? [same] : []), ...rankModels(models, wanted, uses), ...models])];
}

/** Checks a prompt: not empty, and not longer than the model takes. */
export function checkPrompt(typed: string, model: Model): Result<string> {
  const prompt = typed.trim();
  if (isBlank(prompt)) return refuse(t('refusal.promptEmpty'));
  if (model.promptMax === undefined || prompt.length <= model.promptMax) return ok(prompt);
  const said = { length: prompt.length, model: brief(model.name), max: model.promptMax };
  return refuse(t('refusal.promptTooLong', said));
}

/** A file of Discord's. Its type is what Discord guesses from its name; the flow looks at its first bytes. */
export const givenSchema = z.object({
  url: z.string(),
  name: z.string(),
  type: z.string().default(''),
  bytes: z.number().optional(),
});
export type Given = z.infer<typeof givenSchema>;

export const givenOf = ({ url, name, contentType, size }: Attachment): Given => ({
  url,
  name,
  type: contentType ?? '',
  bytes: size,
});

/** Kinds a file may be of: one, or any while Discord does not know its type. */
export const kindsOf = ({ type }: Given): MediaKind[] =>
  isGeneric(type) ? [...mediaKinds] : mediaKinds.filter((kind) => type.toLowerCase().startsWith(`${kind}/`));

/** A given file as a flow takes it, of the kind it has or, until its bytes were looked at, should have. */
export const inputOf = (given: Given, wanted: MediaKind): Input => {
  const { type, ...file } = given;
  const possible = kindsOf(given);
  return { ...file, claimedType: type, kind: possible.includes(wanted) ? wanted : (possible[0] ?? wanted) };
};

/** A request that begins with a file rather than a prompt, with the chosen model or the default one. */
export async function checkFileRequest(
  recipe: Recipe,
  file: Given | undefined,
  interaction: StartInteraction,
  parts: Parts,
  chosen: { model?: string | null; options?: Options } = {},
): Promise<Result<Request>> {
  const { model: typed = null, options = {} } = chosen;
  const model = await pickModel(typed, recipe, interaction, parts);
  if (!model.ok) return model;
  const files = checkGiven(file ? [file] : [], recipe, model.value);
  return files.ok ? ok({ ...requestDefaults, recipe, model: model.value, options, ...files.value }) : files;
}

/**
 * Files given in place of an upload. Pictures are passed on by address, before Discord lets it lapse; what has a length
 * must be measured by Kubeez, so it becomes an upload of the platform's own.
 */
export function checkGiven(
  files: Given[],
  recipe: Recipe,
  model: Model,
): Result<Pick<Request, 'inputs' | 'attachments'>> {
  const needs = recipe.needs(model);
  const needed = { name: model.name, needs };
  const [wanted = 'image'] = needs.flatMap((need) => need.kinds);
  const stranger = files.find((file) => kindsOf(file).length === 0);
  if (stranger) {
    const wantedKinds = [...new Set(needs.flatMap((need) => need.kinds))].map((kind) => t('files.one', { kind }));
    const said = { name: brief(stranger.name), wanted: anyOf(wantedKinds), formats: formats(needs) };
    return refuse(t('refusal.file', { problem: t('files.notWanted', said) }), 'file');
  }
  const inputs = files.map((file) => inputOf(file, wanted));
  // What Discord does not know is counted once its bytes were looked at.
  const known = inputs.filter((_, index) => !isGeneric(files[index]?.type ?? ''));
  const problem = problemOf(needed, known);
  if (problem) return refuse(t('refusal.file', { problem: plain(problemSentence(problem, needed)) }), 'file');
  return ok(recipe.ownFiles ? { inputs: [], attachments: inputs } : { inputs, attachments: [] });
}

/** A language by its code, as BCP 47 writes it (`de`, `pt-BR`), or by its English name. */
export function checkLanguage(typed: string | null): Result<string | undefined> {
  const wanted = typed?.trim() ?? '';
  if (wanted === '' || wanted.toLowerCase() === 'auto') return ok(undefined);
  const byName = languages().find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (byName) return ok(byName.value);
  try {
    const [code] = Intl.getCanonicalLocales(wanted);
    if (code && languageName(code) !== undefined) return ok(code);
  } catch {
    // Not even shaped like a code.
  }
  return refuse(t('refusal.unknownLanguage', { language: brief(wanted) }), 'language');
}

/** Codes to suggest; any other that exists may be typed. */
const codes =
  'en de fr es it pt pt-BR nl pl cs sk hu ro bg el tr uk ru sv da nb fi et lv lt hr sr sl he ar fa hi bn ur ta te id ms vi th tl ja ko zh zh-TW';

/** Languages to choose from, as autocomplete shows them. */
export const languages = () => codes.split(' ').map((value) => ({ name: languageName(value) ?? value, value }));
