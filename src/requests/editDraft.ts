import { type ButtonInteraction, MessageFlags, type ModalSubmitInteraction } from 'discord.js';
import { type FormId, writeFormId } from '../discord/customId.ts';
import { isTerminal } from '../flows/flow.ts';
import { t } from '../text/text.ts';
import { reworded, variantsField, varied } from './again.ts';
import { beginTyped } from './begin.ts';
import { changeWords } from './changing.ts';
import type { Parts, StartInteraction } from './command.ts';
import { type Draft, draftSchema, optionField, optionLines, textOf, withForm } from './draft.ts';
import { type Field, form } from './forms.ts';
import { checkGenerating } from './generating.ts';
import { type Request, type Result, refuse } from './request.ts';
import { typedModel, typedText } from './typedFields.ts';

/** The buttons under a refusal: one opens a form with what was typed, the other tries the same again. */
export const draftForms = ['edit', 'retry'];

/** Takes a press on a button under a refusal. */
export async function openDraft(interaction: ButtonInteraction, { form: name, draft: id }: FormId, parts: Parts) {
  const draft = await readDraft(id, interaction, parts);
  if (!draft) return void (await interaction.reply({ content: t('refusal.typedGone'), flags: MessageFlags.Ephemeral }));
  if (name === 'retry') return goOn(draft, interaction, parts);
  const fields = await fieldsOf(draft, interaction, parts);
  await interaction.showModal(
    form(writeFormId({ form: 'edit', draft: id }), t('form.edit', { command: draft.recipe }), fields),
  );
}

/** Takes the form with what was typed before. */
export async function submitDraft(interaction: ModalSubmitInteraction, id: string, parts: Parts): Promise<void> {
  const draft = await readDraft(id, interaction, parts);
  if (!draft) return void (await interaction.reply({ content: t('refusal.typedGone'), flags: MessageFlags.Ephemeral }));
  const changed = withForm(draft, interaction);
  await goOn(changed, interaction, parts);
}

/** What was typed changes a card that is still open, or begins something new. */
async function goOn(
  draft: Draft,
  interaction: ButtonInteraction | ModalSubmitInteraction,
  parts: Parts,
): Promise<void> {
  const flow = draft.step === 'prompt' ? await parts.records.load(draft.parent ?? '') : undefined;
  if (flow && !isTerminal(flow)) return changeWords(flow, draft, interaction, parts);
  await beginTyped(interaction, draft, checkDraft, parts);
}

/** A draft of the person who asks for it. */
async function readDraft(id: string, { user }: StartInteraction, { drafts }: Parts): Promise<Draft | undefined> {
  const draft = await drafts.read(id, draftSchema);
  return draft?.by === user.id ? draft : undefined;
}

/** Checks what somebody typed, however it was typed. */
async function checkDraft(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  if (draft.step) {
    const flow = await parts.records.load(draft.parent ?? '');
    if (!flow) return refuse(t('refusal.resultGone'));
    return draft.step === 'vary' ? varied(flow, draft, interaction, parts) : reworded(flow, draft, interaction, parts);
  }
  return (parts.rulesOf(draft.recipe)?.check ?? checkGenerating)(draft, interaction, parts);
}

/** The form's lines: what was typed, the model, and the option that was refused. At most five. */
async function fieldsOf(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Field[]> {
  if (draft.step === 'vary') return [{ ...variantsField(), value: textOf(draft, 'variants') ?? '' }];
  const own = parts.rulesOf(draft.recipe)?.fields;
  if (own) return own(draft, interaction, parts);
  const prompt = typedText('prompt', draft);
  if (draft.step === 'prompt') return prompt;
  const about = optionLines.find((name) => name === draft.about && textOf(draft, name) !== null);
  const refused = about ? [optionField(draft, about, t('hint.usual'))] : [];
  return [...prompt, ...(await typedModel(draft, interaction, parts)), ...refused];
}
