import { ApplicationCommandOptionType } from 'discord.js';
import { separate as recipe } from '../flows/recipes/separate.ts';
import { begin } from './begin.ts';
import { type Command, commandBase } from './command.ts';
import { draftOf } from './draft.ts';
import { checkFileRequest } from './request.ts';

export const separate: Command = {
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Split a song or a video into vocals and instruments',
    options: [
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: 'A sound or a video (leave out to get an upload link by DM)',
      },
    ],
  },
  execute: (interaction, parts) => {
    const { file } = draftOf(interaction, recipe.name).files;
    return begin(interaction, checkFileRequest(recipe, file, interaction, parts), parts);
  },
};
