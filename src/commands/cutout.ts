import { ApplicationCommandOptionType } from 'discord.js';
import { cutout as recipe } from '../flows/recipes/cutout.ts';
import { begin } from './begin.ts';
import { type Command, commandBase } from './command.ts';
import { checkFileRequest } from './request.ts';

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
  execute: (interaction, parts) => {
    const file = interaction.options.getAttachment('image');
    return begin(interaction, checkFileRequest(recipe, file, interaction, parts), parts);
  },
};
