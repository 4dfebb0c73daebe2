import { ApplicationCommandOptionType } from 'discord.js';
import type { Options } from '../../flows/asked.ts';
import { isForVideo, isMusic, sound as recipe, takesTwoPrompts } from '../../flows/recipes/sound.ts';
import { beginTyped } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, numberOf, optionField, textOf } from '../../requests/draft.ts';
import { optionDefinitions } from '../../requests/options.ts';
import {
  checkGiven,
  completeModel,
  ok,
  pickModel,
  type Request,
  type Result,
  refuse,
  requestDefaults,
  usesAt,
} from '../../requests/request.ts';
import { modelsFor } from '../../requests/takenModel.ts';
import { typedModel, typedText } from '../../requests/typedFields.ts';
import { brief, isBlank } from '../../text/cut.ts';
import { t } from '../../text/text.ts';

/** Characters of a sound's prompt. */
const maxPrompt = 2000;
const maxSeconds = 360;

export const sound: Command = {
  needs: 'sound',
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.sound'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'prompt',
        description: t('option.soundEffect.prompt'),
        required: true,
        max_length: maxPrompt,
      },
      optionDefinitions().model,
      {
        type: ApplicationCommandOptionType.String,
        name: 'music',
        description: t('option.soundEffect.music'),
        max_length: maxPrompt,
      },
      {
        type: ApplicationCommandOptionType.Integer,
        name: 'seconds',
        description: t('option.soundEffect.seconds'),
        min_value: 1,
        max_value: maxSeconds,
      },
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: t('option.soundEffect.file'),
      },
    ],
  }),
  rules: {
    check: checkSound,
    fields: async (draft, interaction, parts) => [
      ...typedText('prompt', draft),
      optionField(draft, 'music', t('hint.soundMusic')),
      optionField(draft, 'seconds', t('hint.soundSeconds')),
      ...(await typedModel(draft, interaction, parts)),
    ],
  },
  execute: (interaction, parts) => beginTyped(interaction, draftOf(interaction, recipe.name), checkSound, parts),
  autocomplete: (interaction, parts) => completeModel(interaction, recipe, parts),
};

/** Checks what somebody typed for a sound. */
async function checkSound(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const file = draft.files.file;
  const model = await pickModel(
    textOf(draft, 'model') ?? (await usualFor(Boolean(file), interaction, parts)),
    recipe,
    interaction,
    parts,
  );
  if (!model.ok) return model;
  const prompt = textOf(draft, 'prompt')?.trim() ?? '';
  if (isBlank(prompt)) return refuse(t('refusal.soundEmpty'));
  const named = brief(model.value.name);
  const music = textOf(draft, 'music')?.trim();
  if (takesTwoPrompts(model.value) && !music) return refuse(t('refusal.musicMissing', { model: named }));
  if (!takesTwoPrompts(model.value) && music) return refuse(t('refusal.musicNotTaken', { model: named }), 'music');
  const seconds = numberOf(draft, 'seconds');
  if (seconds !== null && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= maxSeconds))
    return refuse(t('refusal.seconds', { typed: brief(textOf(draft, 'seconds') ?? ''), max: maxSeconds }), 'seconds');
  if (seconds !== null && isForVideo(model.value))
    return refuse(t('refusal.secondsOfVideo', { model: named }), 'seconds');
  if (file && !isForVideo(model.value)) return refuse(t('refusal.fileNotTaken', { model: named }), 'file');
  const files = checkGiven(file ? [file] : [], recipe, model.value);
  if (!files.ok) return files;
  const chosen: Options = {
    ...(seconds === null ? {} : { duration: `${seconds}s` }),
    ...(music ? { music_prompt: music } : {}),
  };
  return ok({ ...requestDefaults, recipe, model: model.value, prompt, options: chosen, ...files.value });
}

/** The model taken when none was chosen: it fits the input, takes one prompt, and makes effects rather than music. */
async function usualFor(hasVideo: boolean, interaction: StartInteraction, parts: Parts): Promise<string | null> {
  const models = modelsFor(recipe, parts.catalogue.all(), await usesAt(interaction, parts));
  const fitting = models.filter((model) => isForVideo(model) === hasVideo && !takesTwoPrompts(model));
  return (fitting.find((model) => !isMusic(model)) ?? fitting[0])?.id ?? null;
}
