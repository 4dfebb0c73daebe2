import { ApplicationCommandOptionType } from 'discord.js';
import { captions as recipe } from '../../flows/recipes/captions.ts';
import { begin } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, optionField, textOf } from '../../requests/draft.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import { checkFileRequest, checkLanguage, languages, no, type Picked, type Request } from '../../requests/request.ts';
import { brief } from '../../text/cut.ts';

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
  rules: { check: checkCaptions, fields: (draft) => ['language', 'quality'].map((id) => optionField(draft, id)) },
  execute: (interaction, parts) => {
    const draft = draftOf(interaction, recipe.name);
    return begin(interaction, checkCaptions(draft, interaction, parts), parts, draft);
  },
  async autocomplete(interaction) {
    await interaction.respond(choicesThatFit(languages(), interaction.options.getFocused()));
  },
};

const qualities = ['auto', 'best'];

/** Checks what somebody typed for captions. */
async function checkCaptions(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Picked<Request>> {
  const language = checkLanguage(textOf(draft, 'language'));
  if (!language.ok) return language;
  const quality = textOf(draft, 'quality');
  if (quality !== null && !qualities.includes(quality))
    return no(`There is no quality “${brief(quality)}”: it is auto or best.`, 'quality');
  if (quality === 'best' && language.value === undefined)
    return no('The quality “best” needs the language: fill in `language` as well.', 'language');
  const chosen = {
    ...(language.value === undefined ? {} : { language: language.value }),
    ...(quality === null ? {} : { quality }),
  };
  return checkFileRequest(recipe, draft.files.file, interaction, parts, { options: chosen });
}
