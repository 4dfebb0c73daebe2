import { ApplicationCommandOptionType } from 'discord.js';
import { separate as recipe } from '../../flows/recipes/separate.ts';
import { begin } from '../../requests/begin.ts';
import { type Command, commandBase } from '../../requests/command.ts';
import { draftOf } from '../../requests/draft.ts';
import { checkFileRequest } from '../../requests/request.ts';
import { t } from '../../text/text.ts';

export const separate: Command = {
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.separate'),
    options: [
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: t('option.separate.file'),
      },
    ],
  }),
  execute: (interaction, parts) => {
    const { file } = draftOf(interaction, recipe.name).files;
    return begin(interaction, checkFileRequest(recipe, file, interaction, parts), parts);
  },
};
