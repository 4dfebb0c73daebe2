import { ApplicationCommandOptionType } from 'discord.js';
import { separate as recipe } from '../../flows/recipes/separate.ts';
import { begin } from '../../requests/begin.ts';
import { type Command, commandBase } from '../../requests/command.ts';
import { draftOf } from '../../requests/draft.ts';
import { checkFileRequest } from '../../requests/request.ts';

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
