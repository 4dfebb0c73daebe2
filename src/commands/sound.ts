import { ApplicationCommandOptionType, type ChatInputCommandInteraction } from 'discord.js';
import { brief, isBlank } from '../discord/limits.ts';
import type { Options } from '../flows/flow.ts';
import { isForVideo, isMusic, sound as recipe, takesTwoPrompts } from '../flows/recipes/sound.ts';
import { begin } from './begin.ts';
import { type Command, commandBase, type Parts } from './command.ts';
import { optionDefinitions } from './options.ts';
import { bare, checkFiles, completeModel, no, type Picked, pickModel, type Request, usesAt, yes } from './request.ts';
import { modelsFor } from './takenModel.ts';

/** Characters of a sound's prompt. */
const promptMost = 2000;

export const sound: Command = {
  needs: 'sound',
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Make effects or background music, from words or for a video',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'prompt',
        description: 'Describe the sound',
        required: true,
        max_length: promptMost,
      },
      optionDefinitions.model,
      {
        type: ApplicationCommandOptionType.String,
        name: 'music',
        description: 'The music, for models that make effects and music together',
        max_length: promptMost,
      },
      {
        type: ApplicationCommandOptionType.Integer,
        name: 'seconds',
        description: 'How long it is, where it is not for a video',
        min_value: 1,
        max_value: 360,
      },
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: 'The video, for models that work on one (leave out to get an upload link)',
      },
    ],
  },
  execute: (interaction, parts) => begin(interaction, readRequest(interaction, parts), parts),
  autocomplete: (interaction, parts) => completeModel(interaction, recipe, parts),
};

async function readRequest(interaction: ChatInputCommandInteraction, parts: Parts): Promise<Picked<Request>> {
  const { options } = interaction;
  const file = options.getAttachment('file');
  const model = await pickModel(
    options.getString('model') ?? (await usualFor(Boolean(file), interaction, parts)),
    recipe,
    interaction,
    parts,
  );
  if (!model.ok) return model;
  const prompt = options.getString('prompt', true).trim();
  if (isBlank(prompt)) return no('The prompt is empty: describe the sound.');
  const named = brief(model.value.name);
  const music = options.getString('music')?.trim();
  if (takesTwoPrompts(model.value) && !music)
    return no(`${named} makes effects and music together: say in \`music\` what is played.`);
  if (!takesTwoPrompts(model.value) && music) return no(`${named} takes one prompt: leave \`music\` out.`);
  const seconds = options.getInteger('seconds');
  if (seconds !== null && isForVideo(model.value))
    return no(`${named} is as long as its video: leave \`seconds\` out.`);
  if (file && !isForVideo(model.value))
    return no(`${named} works from words alone: leave \`file\` out, or pick a model for videos.`);
  const files = checkFiles([file], recipe, model.value);
  if (!files.ok) return files;
  const chosen: Options = {
    ...(seconds === null ? {} : { duration: `${seconds}s` }),
    ...(music ? { music_prompt: music } : {}),
  };
  return yes({ ...bare, recipe, model: model.value, prompt, options: chosen, ...files.value });
}

/** Without a model: one that fits what was given and takes one prompt, for effects rather than music. */
async function usualFor(
  hasVideo: boolean,
  interaction: ChatInputCommandInteraction,
  parts: Parts,
): Promise<string | null> {
  const models = modelsFor(recipe, parts.catalogue.all(), await usesAt(interaction, parts));
  const fitting = models.filter((model) => isForVideo(model) === hasVideo && !takesTwoPrompts(model));
  return (fitting.find((model) => !isMusic(model)) ?? fitting[0])?.id ?? null;
}
