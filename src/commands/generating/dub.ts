import { ApplicationCommandOptionType } from 'discord.js';
import { fitChoices, type NamedValue } from '../../discord/choices.ts';
import { dub as recipe } from '../../flows/recipes/dub.ts';
import { beginTyped } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, optionField, textOf } from '../../requests/draft.ts';
import { optionDefinitions } from '../../requests/options.ts';
import { choicesThatFit } from '../../requests/ranking.ts';
import {
  checkFileRequest,
  checkLanguage,
  completeModel,
  languages,
  type Request,
  type Result,
  refuse,
} from '../../requests/request.ts';
import { typedModel } from '../../requests/typedFields.ts';
import { t } from '../../text/text.ts';

const maxLanguages = 5;

export const dub: Command = {
  needs: 'dub',
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.dub'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'languages',
        description: t('option.dub.languages'),
        required: true,
        autocomplete: true,
      },
      optionDefinitions().model,
      {
        type: ApplicationCommandOptionType.Attachment,
        name: 'file',
        description: t('option.dub.file'),
      },
    ],
  }),
  rules: {
    check: checkDub,
    fields: async (draft, interaction, parts) => [
      optionField(draft, 'languages', t('hint.dubLanguages')),
      ...(await typedModel(draft, interaction, parts)),
    ],
  },
  execute: (interaction, parts) => beginTyped(interaction, draftOf(interaction, recipe.name), checkDub, parts),
  async autocomplete(interaction, parts) {
    const focused = interaction.options.getFocused(true);
    if (focused.name === 'languages') {
      await interaction.respond(suggestions(focused.value));
      return;
    }
    await completeModel(interaction, recipe, parts);
  },
};

/** Completes the last of the languages that were typed. */
function suggestions(typed: string): NamedValue[] {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1).trim();
  const last = typed.slice(typed.lastIndexOf(',') + 1).trim();
  const whole = choicesThatFit(languages(), last).map(({ name, value }) => ({
    name: `${before} ${name}`.trim(),
    value: `${before} ${value}`.trim(),
  }));
  return fitChoices(whole);
}

/** Checks what somebody typed for a dubbing. */
async function checkDub(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const chosen = new Set<string>();
  for (const typed of (textOf(draft, 'languages') ?? '').split(',')) {
    const language = checkLanguage(typed);
    if (!language.ok) return language;
    if (language.value !== undefined) chosen.add(language.value);
  }
  if (chosen.size === 0) return refuse(t('refusal.noLanguage'));
  if (chosen.size > maxLanguages)
    return refuse(t('refusal.tooManyLanguages', { count: chosen.size, max: maxLanguages }));
  return checkFileRequest(recipe, draft.files.file, interaction, parts, {
    model: textOf(draft, 'model'),
    options: { languages: [...chosen] },
  });
}
