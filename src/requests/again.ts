import type { ModalSubmitInteraction } from 'discord.js';
import { hasLapsed } from '../discord/hasLapsed.ts';
import type { Input, Options } from '../flows/asked.ts';
import type { Flow } from '../flows/flow.ts';
import { hasUploads } from '../flows/payer.ts';
import { recipes } from '../flows/recipes/index.ts';
import { callsOf, jobsOf } from '../flows/runs.ts';
import { newSeed } from '../ids.ts';
import { brief, cut, plain } from '../text/cut.ts';
import { t } from '../text/text.ts';
import type { Parts, StartInteraction } from './command.ts';
import { type Draft, newDraft, textOf } from './draft.ts';
import { type Field, longText, readFields } from './forms.ts';
import { fitOptions } from './options.ts';
import { modelsThatCan } from './otherModels.ts';
import { checkPrompt, isOffered, ok, type Request, type Result, refuse, requestDefaults, usesAt } from './request.ts';
import { modelsFor } from './takenModel.ts';

/** What a flow asks for, once more: the same, in other words, with another model, or several times. */

const maxVariants = 4;

export const variantsField = (): Field & { kind: 'text' } => ({
  kind: 'text',
  id: 'variants',
  label: t('field.howManyVariants'),
  description: t('hint.variants', { max: maxVariants }),
  value: '2',
  most: 3,
});

export function promptFields(flow: Flow, parts: Parts): Field[] {
  return (
    parts.rulesOf(flow.recipe)?.again?.fields(flow, parts) ??
    longText({ id: 'prompt', label: t('field.prompt') }, flow.asked.prompt)
  );
}

/** What somebody wrote into the form of a next step. */
export function draftOfStep(
  step: 'vary' | 'prompt',
  flow: Flow,
  interaction: ModalSubmitInteraction,
  parts: Parts,
): Draft {
  const again = parts.rulesOf(flow.recipe)?.again;
  if (step === 'prompt' && again) return again.draft(flow, interaction);
  return newDraft(interaction.user.id, flow.recipe, { values: readFields(interaction), parent: flow.id, step });
}

/** Makes the same again, at a new price. */
export async function again(flow: Flow, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const recipe = recipes[flow.recipe];
  const { prompt, spoiler, models } = flow.asked;
  const uses = await usesAt(interaction, parts);
  const model = modelsFor(recipe, parts.catalogue.all(), uses).find(({ id }) => id === models[0].id);
  if (!model) return refuse(t('refusal.modelGone', { model: brief(models[0].name) }));
  const { adjusted } = flow.asked;
  // A job can be run again only by the account that it belongs to.
  const isSamePayer = parts.payer?.account === flow.account;
  const same = { options: flow.asked.options, calls: callsOf(flow) };
  const { options, calls } = isSamePayer ? same : withoutSource(same.options, same.calls);
  return ok({
    ...requestDefaults,
    recipe,
    model,
    prompt,
    // Another run of the same job has the words of that job; anything else gets the style that holds now.
    style: options.source_job === undefined ? null : flow.asked.style,
    options,
    adjusted,
    spoiler,
    calls,
    ...filesOf(flow, parts),
    parent: flow.id,
  });
}

/** Makes the same again without what the style of its channel adds; another run of an earlier job would have its words. */
export async function withoutStyle(flow: Flow, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const request = await again(flow, interaction, parts);
  if (!request.ok) return request;
  const { style } = flow.asked;
  const { options, calls } = request.value;
  return ok({ ...request.value, ...withoutSource(options, calls), style: style && { ...style, isOff: true } });
}

/** The files of a flow that can be used once more. Those that another account has are brought to the one that pays. */
function filesOf(flow: Flow, { clock, payer }: Parts): Pick<Request, 'inputs' | 'attachments'> {
  const { asked } = flow;
  const alive = (files: Input[]) => files.filter(({ url }) => !hasLapsed(url, clock.now()));
  const inputs = alive(asked.inputs);
  // What takes no words works on the payer's own files alone.
  const needsOwnFiles = hasUploads(flow) || recipes[flow.recipe].generationType === '';
  if (payer?.account !== flow.account && needsOwnFiles) {
    const isNamed = ({ role }: Input) => role !== undefined;
    return { inputs: inputs.filter(isNamed), attachments: inputs.filter((input) => !isNamed(input)) };
  }
  // Files that never came to Kubeez are given once more.
  return { inputs, attachments: inputs.some(({ role }) => role === undefined) ? [] : alive(asked.attachments) };
}

/** Makes the same with another model, whose id may be any text; options that it does not take become the nearest it does. */
export async function withModel(flow: Flow, wanted: string, parts: Parts): Promise<Result<Request>> {
  const model = modelsThatCan(flow, parts.catalogue.all()).find(({ id }) => id === wanted);
  if (!model) return refuse(t('choose.gone', { model: brief(wanted) }));
  const recipe = recipes[flow.recipe];
  const { prompt, spoiler } = flow.asked;
  const { options: chosen, calls } = withoutSource(flow.asked.options, callsOf(flow));
  const kinds = recipe.needs(model).flatMap((need) => need.kinds);
  // Only what goes through `generate_media` has options of its model's.
  const fitted = recipe.generationType === '' ? { options: chosen, adjusted: [] } : fitOptions(model, chosen, kinds);
  return ok({
    ...requestDefaults,
    recipe,
    model,
    prompt,
    spoiler,
    calls,
    ...fitted,
    ...filesOf(flow, parts),
    parent: flow.id,
  });
}

/** Options without a job that was to be run again: other words, or another model, are another job. */
function withoutSource(options: Options, calls: number): { options: Options; calls: number } {
  if (options.source_job === undefined) return { options, calls };
  const { source_job: _, variant_count = 1, ...rest } = options;
  return { options: rest, calls: variant_count };
}

/** Makes the same with another prompt. */
export async function reworded(
  flow: Flow,
  draft: Draft,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Result<Request>> {
  const rules = parts.rulesOf(flow.recipe);
  if (rules?.again) return rules.check(draft, interaction, parts);
  const request = await again(flow, interaction, parts);
  if (!request.ok) return request;
  const prompt = checkPrompt(textOf(draft, 'prompt') ?? '', request.value.model);
  if (!prompt.ok) return prompt;
  const { options, calls } = request.value;
  return ok({ ...request.value, prompt: prompt.value, ...withoutSource(options, calls) });
}

/** Makes several at once, each with its own seed. */
export async function varied(
  flow: Flow,
  draft: Draft,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Result<Request>> {
  const typed = textOf(draft, 'variants')?.trim() ?? '';
  const count = Number(typed);
  if (!Number.isInteger(count) || count < 1 || count > maxVariants)
    return refuse(t('refusal.variants', { typed: plain(cut(typed, 20)), max: maxVariants }));
  const request = await again(flow, interaction, parts);
  if (!request.ok) return request;
  const { seed: _, source_job: __, variant_count: ___, ...options } = request.value.options;
  const job = jobsOf(flow).find(({ status }) => status === 'completed')?.id;
  // Where the server runs a job again by itself, one call makes all of them.
  // It must be a job of the account that pays for it.
  if (job !== undefined && parts.payer?.account === flow.account && isOffered('regenerate', parts))
    return ok({
      ...request.value,
      calls: 1,
      style: flow.asked.style,
      options: { ...options, source_job: job, variant_count: count },
    });
  return ok({ ...request.value, calls: count, options: { ...options, seed: newSeed() } });
}
