import { type ButtonInteraction, ComponentType, MessageFlags, type ModalSubmitInteraction } from 'discord.js';
import { whisper } from '../discord/whisper.ts';
import type { Input } from '../flows/asked.ts';
import { writeButtonId } from '../flows/buttonId.ts';
import { stepButtons } from '../flows/card.ts';
import { type Flow, isTerminal } from '../flows/flow.ts';
import { type NextStep, nextSteps, onCard, recipeOfStep } from '../flows/nextSteps.ts';
import { recipes } from '../flows/recipes/index.ts';
import type { Recipe } from '../flows/recipes/recipe.ts';
import type { Model } from '../kubeez/model.ts';
import { cut } from '../text/cut.ts';
import { limits } from '../text/limits.ts';
import { t } from '../text/text.ts';
import { again, draftOfStep, promptFields, reworded, variantsField, varied, withoutStyle } from './again.ts';
import { begin, beginTyped } from './begin.ts';
import { openPrompt, showModels, submitPrompt } from './changing.ts';
import type { Parts, StartInteraction } from './command.ts';
import { askToDelete, erase, mayDelete, noteCopy } from './deleting.ts';
import { giveDetails, mayReadDetails } from './details.ts';
import { newDraft } from './draft.ts';
import { type Choice, type Field, form, picked, readFields } from './forms.ts';
import { checkGenerating } from './generating.ts';
import { askForMore } from './raising.ts';
import { modelChoices } from './ranking.ts';
import { modelsAt, ok, pickModel, type Request, type Result, refuse, requestDefaults } from './request.ts';
import { showForm } from './rules.ts';

/** Takes a press on one of the next steps of a card. Anybody in the channel may go on; the new flow is theirs. */
export async function pressNextStep(
  step: NextStep,
  flow: Flow,
  interaction: ButtonInteraction,
  parts: Parts,
): Promise<void> {
  if (step === 'details') return giveDetails(flow, interaction, parts);
  if (step === 'model' || step === 'cheaper') return showModels(step, flow, interaction, parts);
  const words = () => form(idOf('prompt', flow), t('form.editPrompt'), promptFields(flow, parts));
  if (step === 'prompt' && !isTerminal(flow)) return openPrompt(flow, interaction, words(), parts);
  if (!isTerminal(flow)) return whisper(interaction, t('refusal.notFinished'));
  switch (step) {
    case 'repeat':
      return begin(interaction, again(flow, interaction, parts), parts);
    case 'styleless':
      return begin(interaction, withoutStyle(flow, interaction, parts), parts);
    case 'prompt':
      return showForm(interaction, flow.recipe, words(), parts);
    case 'vary':
      return showForm(interaction, flow.recipe, form(idOf(step, flow), t('form.vary'), [variantsField()]), parts);
    case 'animate':
    case 'edit':
    case 'caption':
    case 'separate':
      return goOn(step, flow, interaction, parts);
    case 'ask':
      return askForMore(flow, interaction, parts);
    case 'fresh':
      return freshLinks(flow, interaction, parts);
    case 'delete':
      return askToDelete(flow, interaction, parts);
    case 'erase':
      return erase(flow, interaction, parts);
    case 'more':
      return showMore(flow, interaction, parts);
  }
}

/** Takes the form that a next step has shown. */
export async function submitNextStep(
  step: NextStep,
  flow: Flow,
  interaction: ModalSubmitInteraction,
  parts: Parts,
): Promise<void> {
  const name = recipeOfStep[step];
  if (name) {
    const input = resultsOf(flow)[Number(picked(interaction, 'file') ?? 0)];
    if (!input) return begin(interaction, gone(), parts);
    if (recipes[name].generationType === '')
      return begin(interaction, withInput(recipes[name], input, flow, interaction, parts), parts);
    const { file: _, ...values } = readFields(interaction);
    const draft = newDraft(interaction.user.id, name, { values, input, parent: flow.id });
    return beginTyped(interaction, draft, checkGenerating, parts);
  }
  if (step === 'prompt' && !isTerminal(flow)) return submitPrompt(flow, interaction, parts);
  const draft = draftOfStep(step === 'vary' ? 'vary' : 'prompt', flow, interaction, parts);
  const asked = step === 'vary' ? varied(flow, draft, interaction, parts) : reworded(flow, draft, interaction, parts);
  return begin(interaction, asked, parts, draft);
}

const gone = async () => refuse(t('refusal.resultGone'));

/** Begins another recipe with the result; a form first asks for what is missing. */
async function goOn(step: NextStep, flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  const name = recipeOfStep[step];
  const results = resultsOf(flow);
  const [only] = results;
  if (!name || !only) return begin(interaction, gone(), parts);
  const recipe = recipes[name];
  const fields = await fieldsFor(recipe, results, interaction, parts);
  if (fields.length === 0) return begin(interaction, withInput(recipe, only, flow, interaction, parts), parts);
  await showForm(interaction, name, form(idOf(step, flow), t(`recipe.${recipe.name}.title`), fields), parts);
}

/** The form fields that are needed before a recipe can begin with one of these files. */
export async function fieldsFor(
  recipe: Recipe,
  files: { name: string }[],
  interaction: StartInteraction,
  parts: Parts,
): Promise<Field[]> {
  const picker: Field[] =
    files.length > 1 ? [{ kind: 'pick', id: 'file', label: t('field.file'), choices: fileChoices(files) }] : [];
  if (recipe.generationType === '') return picker;
  const { models } = await modelsAt(recipe, interaction, parts);
  return [
    ...picker,
    { kind: 'text', id: 'prompt', label: t('field.prompt'), isLong: true, placeholder: t('placeholder.prompt') },
    ...(models.length > 0 ? [modelField(models)] : []),
  ];
}

const fileChoices = (files: { name: string }[]): Choice[] =>
  files.map(({ name }, index) => ({ label: name, value: String(index), isUsual: index === 0 }));

export const modelField = (models: readonly Model[]): Field => ({
  kind: 'pick',
  id: 'model',
  label: t('field.model'),
  choices: modelChoices(models).map(({ name, value }, index) => ({ label: name, value, isUsual: index === 0 })),
});

/**
 * A recipe that needs no words begins with a file that Kubeez can read where it is. A file that another account made is brought
 * to the one that pays, whose own it must be for these.
 */
async function withInput(
  recipe: Recipe,
  input: Input,
  from: Flow,
  interaction: StartInteraction,
  parts: Parts,
): Promise<Result<Request>> {
  const model = await pickModel(null, recipe, interaction, parts);
  if (!model.ok) return model;
  const files = parts.payer?.account === from.account ? { inputs: [input] } : { attachments: [input] };
  return ok({ ...requestDefaults, recipe, model: model.value, ...files, parent: from.id });
}

/** A flow's results as files to go on from: their own addresses on the platform. */
function resultsOf(flow: Flow): Input[] {
  return flow.shown.results.map(({ name, url, kind, seconds }) => ({
    url,
    name,
    kind: kind ?? 'image',
    ...(seconds === undefined ? {} : { seconds }),
  }));
}

const idOf = (action: NextStep, flow: Flow) => writeButtonId({ action, flow: flow.id });

async function freshLinks(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const lines = await parts.copies.links(flow);
  const [first = t('next.filesGone'), ...rest] = pagesOf(lines);
  await interaction.editReply(first);
  for (const content of rest) await interaction.followUp({ content, flags: MessageFlags.Ephemeral });
}

/** Lines in as many messages as they need; no line is cut, because half a link does not work. */
function pagesOf(lines: string[]): string[] {
  const pages: string[] = [];
  for (const line of lines) {
    const last = pages.at(-1);
    if (last !== undefined && last.length + line.length < limits.content) pages[pages.length - 1] = `${last}\n${line}`;
    else pages.push(cut(line, limits.content));
  }
  return pages;
}

/** The next steps that did not fit on the card, shown privately. */
async function showMore(flow: Flow, interaction: ButtonInteraction, parts: Parts): Promise<void> {
  const steps = nextSteps(flow);
  const shown = onCard(flow);
  const forbidden: NextStep[] = [
    ...((await mayDelete(flow, interaction, parts)) ? [] : (['delete'] as const)),
    ...(mayReadDetails(flow, interaction) ? [] : (['details'] as const)),
  ];
  const rest = steps.filter((step) => !shown.includes(step) && !forbidden.includes(step));
  await interaction.reply({
    content: rest.length > 0 ? t('next.more', { id: flow.id }) : t('next.nothingMore', { id: flow.id }),
    components: rest.length > 0 ? [{ type: ComponentType.ActionRow, components: stepButtons(flow, rest) }] : [],
    flags: MessageFlags.Ephemeral,
  });
  await noteCopy(flow, interaction, parts);
}
