import { ApplicationCommandOptionType } from 'discord.js';
import { separate as recipe } from '../flows/recipes/separate.ts';
import { begin } from './begin.ts';
import { type Asking, type Command, commandBase, type Parts } from './command.ts';
import { bare, checkFiles, type Picked, pickModel, type Request, yes } from './request.ts';

export const separate: Command = {
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Part a song or a video into voices and instruments',
    options: [
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: 'A sound or a video (left out: you get an upload link by DM)',
      },
    ],
  },
  execute: (interaction, parts) =>
    begin(interaction, readRequest(interaction.options.getAttachment('file'), interaction, parts), parts),
};

async function readRequest(
  file: Parameters<typeof checkFiles>[0][number],
  interaction: Asking,
  parts: Parts,
): Promise<Picked<Request>> {
  const model = await pickModel(null, recipe, interaction, parts);
  if (!model.ok) return model;
  const files = checkFiles([file], recipe, model.value);
  return files.ok ? yes({ ...bare, recipe, model: model.value, ...files.value }) : files;
}
