import { ApplicationCommandOptionType } from 'discord.js';
import { captions as recipe } from '../../flows/recipes/captions.ts';
import { beginTyped } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, optionField, textOf } from '../../requests/draft.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import {
  checkFileRequest,
  checkLanguage,
  languages,
  type Request,
  type Result,
  refuse,
} from '../../requests/request.ts';
import { brief } from '../../text/cut.ts';
import { t } from '../../text/text.ts';

export const captions: Command = {
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.captions'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'language',
        description: t('option.captions.language'),
        autocomplete: true,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'quality',
        description: t('option.captions.quality'),
        choices: ['auto', 'best'].map((value) => ({ name: value, value })),
      },
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: t('option.captions.file'),
      },
    ],
  }),
  rules: { check: checkCaptions, fields: (draft) => [optionField(draft, 'language'), optionField(draft, 'quality')] },
  execute: (interaction, parts) => beginTyped(interaction, draftOf(interaction, recipe.name), checkCaptions, parts),
  async autocomplete(interaction) {
    await interaction.respond(choicesThatFit(languages(), interaction.options.getFocused()));
  },
};

const qualities = ['auto', 'best'];

/** Checks what somebody typed for captions. */
async function checkCaptions(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const language = checkLanguage(textOf(draft, 'language'));
  if (!language.ok) return language;
  const quality = textOf(draft, 'quality');
  if (quality !== null && !qualities.includes(quality))
    return refuse(t('refusal.unknownQuality', { quality: brief(quality) }), 'quality');
  if (quality === 'best' && language.value === undefined) return refuse(t('refusal.bestNeedsLanguage'), 'language');
  const chosen = {
    ...(language.value === undefined ? {} : { language: language.value }),
    ...(quality === null ? {} : { quality }),
  };
  return checkFileRequest(recipe, draft.files.file, interaction, parts, { options: chosen });
}
