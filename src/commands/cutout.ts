import { ApplicationCommandOptionType, type ChatInputCommandInteraction } from 'discord.js';
import { cutout as recipe } from '../flows/recipes/cutout.ts';
import { begin } from './begin.ts';
import { type Command, commandBase, type Parts } from './command.ts';
import { bare, checkFiles, type Picked, pickModel, type Request, yes } from './request.ts';

export const cutout: Command = {
  needs: 'cutout',
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Take the background out of a picture of yours',
    options: [
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'image',
        description: 'The picture (left out: you get an upload link by DM)',
      },
    ],
  },
  execute: (interaction, parts) => begin(interaction, readRequest(interaction, parts), parts),
};

async function readRequest(interaction: ChatInputCommandInteraction, parts: Parts): Promise<Picked<Request>> {
  const model = await pickModel(null, recipe, interaction, parts);
  if (!model.ok) return model;
  const files = checkFiles([interaction.options.getAttachment('image')], recipe, model.value);
  return files.ok ? yes({ ...bare, recipe, model: model.value, ...files.value }) : files;
}
