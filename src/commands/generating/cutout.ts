import { ApplicationCommandOptionType } from 'discord.js';
import { cutout as recipe } from '../../flows/recipes/cutout.ts';
import { begin } from '../../requests/begin.ts';
import { type Command, commandBase } from '../../requests/command.ts';
import { draftOf } from '../../requests/draft.ts';
import { checkFileRequest } from '../../requests/request.ts';
import { t } from '../../text/text.ts';

export const cutout: Command = {
  needs: 'cutout',
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.cutout'),
    options: [
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'image',
        description: t('option.cutout.image'),
      },
    ],
  }),
  execute: (interaction, parts) => {
    const { image } = draftOf(interaction, recipe.name).files;
    return begin(interaction, checkFileRequest(recipe, image, interaction, parts), parts);
  },
};
