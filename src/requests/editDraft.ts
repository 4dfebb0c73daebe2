import { type ButtonInteraction, MessageFlags, type ModalSubmitInteraction } from 'discord.js';
import { checkAd } from '../commands/generating/ad.ts';
import { captionsFields, checkCaptions } from '../commands/generating/captions.ts';
import { checkDub } from '../commands/generating/dub.ts';
import { checkMusic, musicDraftFields } from '../commands/generating/music.ts';
import { checkSound } from '../commands/generating/sound.ts';
import { checkSpeech, speechDraftFields } from '../commands/generating/speech.ts';
import { type FormId, writeFormId } from '../discord/customId.ts';
import { recipes } from '../flows/recipes/index.ts';
import { brief } from '../text/cut.ts';
import { begin } from './begin.ts';
import type { Asking, Parts } from './command.ts';
import { type Draft, draftSchema, optionField, textOf, withForm } from './draft.ts';
import { type Field, form, longText } from './forms.ts';
import { checkGenerating } from './generating.ts';
import { modelField, reworded, variantsField, varied } from './onward.ts';
import { modelChoicesFor, no, type Picked, type Request } from './request.ts';

/** The buttons under a refusal: one opens a form with what was typed, the other tries the same again. */
export const draftForms = ['edit', 'retry'];

const tooOld = 'What you typed is no longer kept: start again with a command. Nothing was spent.';

/** Takes a press on a button under a refusal. */
export async function openDraft(interaction: ButtonInteraction, { form: name, draft: id }: FormId, parts: Parts) {
  const draft = await readDraft(id, interaction, parts);
  if (!draft) return void (await interaction.reply({ content: tooOld, flags: MessageFlags.Ephemeral }));
  if (name === 'retry') return begin(interaction, checkDraft(draft, interaction, parts), parts, draft);
  const fields = await fieldsOf(draft, interaction, parts);
  await interaction.showModal(form(writeFormId({ form: 'edit', draft: id }), `Edit · /${draft.recipe}`, fields));
}

/** Takes the form with what was typed before. */
export async function submitDraft(interaction: ModalSubmitInteraction, id: string, parts: Parts): Promise<void> {
  const draft = await readDraft(id, interaction, parts);
  if (!draft) return void (await interaction.reply({ content: tooOld, flags: MessageFlags.Ephemeral }));
  const changed = withForm(draft, interaction);
  await begin(interaction, checkDraft(changed, interaction, parts), parts, changed);
}

/** A draft of the person who asks for it. */
async function readDraft(id: string, { user }: Asking, { drafts }: Parts): Promise<Draft | undefined> {
  const draft = await drafts.read(id, draftSchema);
  return draft?.by === user.id ? draft : undefined;
}

/** Checks what somebody typed, however it was typed. */
async function checkDraft(draft: Draft, interaction: Asking, parts: Parts): Promise<Picked<Request>> {
  if (draft.step) {
    const flow = await parts.records.load(draft.parent ?? '');
    if (!flow) return no('That result is no longer kept: start again with a command.');
    return draft.step === 'vary' ? varied(flow, draft, interaction, parts) : reworded(flow, draft, interaction, parts);
  }
  switch (draft.recipe) {
    case 'music':
      return checkMusic(draft, interaction, parts);
    case 'speech':
      return checkSpeech(draft, interaction, parts);
    case 'ad':
      return checkAd(draft, interaction, parts);
    case 'dub':
      return checkDub(draft, interaction, parts);
    case 'sound':
      return checkSound(draft, interaction, parts);
    case 'captions':
      return checkCaptions(draft, interaction, parts);
    default:
      return checkGenerating(draft, interaction, parts);
  }
}

/** The form's lines: what was typed, the model, and the option that was refused. At most five. */
async function fieldsOf(draft: Draft, interaction: Asking, parts: Parts): Promise<Field[]> {
  if (draft.step === 'vary') return [{ ...variantsField, value: textOf(draft, 'variants') ?? '' }];
  switch (draft.recipe) {
    case 'music':
      return musicDraftFields(draft);
    case 'speech':
      return speechDraftFields(draft, parts);
    case 'captions':
      return captionsFields(draft);
    case 'ad':
      return [
        ...words('product', 'Product', draft),
        optionField(draft, 'aspect', 'Width to height, such as 4:5; leave it empty for the usual shape.'),
        optionField(draft, 'language', 'Such as en or de; leave it empty for English.'),
        optionField(draft, 'variants', 'How many ads, 1 to 4; each has its price.'),
      ];
    case 'dub':
      return [
        optionField(draft, 'languages', 'One or several, separated by commas, such as de, fr.'),
        ...(await models(draft, interaction, parts)),
      ];
    case 'sound':
      return [
        ...words('prompt', 'Prompt', draft),
        optionField(draft, 'music', 'For models that make effects and music together.'),
        optionField(draft, 'seconds', 'How long it is, where it is not for a video.'),
        ...(await models(draft, interaction, parts)),
      ];
    default: {
      const prompt = words('prompt', 'Prompt', draft);
      if (draft.step === 'prompt') return prompt;
      const { about } = draft;
      const isOption = about !== null && textOf(draft, about) !== null && !['prompt', 'model', 'file'].includes(about);
      const refused = isOption ? [optionField(draft, about, 'Leave it empty for the usual choice of the model.')] : [];
      return [...prompt, ...(await models(draft, interaction, parts)), ...refused];
    }
  }
}

const words = (id: string, label: string, draft: Draft) => longText({ id, label }, textOf(draft, id) ?? '');

/** A line to pick a model, with the one that was typed first, or those that come nearest to it. */
async function models(draft: Draft, interaction: Asking, parts: Parts): Promise<Field[]> {
  const fitting = await modelChoicesFor(recipes[draft.recipe], textOf(draft, 'model'), interaction, parts);
  const wanted = textOf(draft, 'model');
  const field = modelField(fitting);
  const said = draft.about === 'model' && wanted ? { description: `There is no “${brief(wanted)}” here.` } : {};
  return fitting.length > 0 ? [{ ...field, ...said }] : [];
}
