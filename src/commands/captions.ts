import { ApplicationCommandOptionType, type ChatInputCommandInteraction } from 'discord.js';
import { captions as recipe } from '../flows/recipes/captions.ts';
import { begin } from './begin.ts';
import { type Command, commandBase, type Parts } from './command.ts';
import { choicesThatFit } from './ranking.ts';
import { checkFileRequest, checkLanguage, languages, no, type Picked, type Request } from './request.ts';

export const captions: Command = {
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Transcribe a video, with times',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'language',
        description: 'The language spoken (leave out to detect it)',
        autocomplete: true,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'quality',
        description: 'The quality; “best” needs the language',
        choices: ['auto', 'best'].map((value) => ({ name: value, value })),
      },
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: 'The video (leave out to get an upload link by DM)',
      },
    ],
  },
  execute: (interaction, parts) => begin(interaction, readRequest(interaction, parts), parts),
  async autocomplete(interaction) {
    await interaction.respond(choicesThatFit(languages(), interaction.options.getFocused()));
  },
};

async function readRequest(interaction: ChatInputCommandInteraction, parts: Parts): Promise<Picked<Request>> {
  const { options } = interaction;
  const language = checkLanguage(options.getString('language'));
  if (!language.ok) return language;
  const quality = options.getString('quality');
  if (quality === 'best' && language.value === undefined)
    return no('The quality “best” needs the language: fill in `language` as well.');
  const chosen = {
    ...(language.value === undefined ? {} : { language: language.value }),
    ...(quality === null ? {} : { quality }),
  };
  return checkFileRequest(recipe, options.getAttachment('file'), interaction, parts, { options: chosen });
}
