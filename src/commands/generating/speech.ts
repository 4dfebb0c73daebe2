import { ApplicationCommandOptionType, type ModalSubmitInteraction } from 'discord.js';
import { z } from 'zod';
import { writeFormId } from '../../discord/customId.ts';
import type { Options } from '../../flows/asked.ts';
import type { Flow } from '../../flows/flow.ts';
import { speech as recipe } from '../../flows/recipes/speech.ts';
import type { Model } from '../../kubeez/model.ts';
import { beginTyped } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, newDraft, optionField, textOf } from '../../requests/draft.ts';
import { type Field, form, longText, readFields } from '../../requests/forms.ts';
import { choicesThatFit, valueChoices } from '../../requests/ranking.ts';
import {
  checkLanguage,
  languages,
  ok,
  pickModel,
  type Request,
  type Result,
  refuse,
  requestDefaults,
} from '../../requests/request.ts';
import { showForm } from '../../requests/rules.ts';
import { modelsFor } from '../../requests/takenModel.ts';
import { brief, cut, isBlank, plain } from '../../text/cut.ts';
import { limits } from '../../text/limits.ts';
import { anyOf, t } from '../../text/text.ts';

/** Characters of a dialogue in all (kubeez.com/docs/limitations). */
const shortest = 5;
const longest = 5000;

const draftSchema = z.object({ v: z.literal(1), voice: z.string().nullable(), language: z.string().nullable() });

export const speech: Command = {
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.speech'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'text',
        description: t('option.speech.text'),
        max_length: 6000,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'voice',
        description: t('option.speech.voice'),
        autocomplete: true,
      },
      {
        type: ApplicationCommandOptionType.String,
        name: 'language',
        description: t('option.speech.language'),
        autocomplete: true,
      },
    ],
  }),

  rules: {
    check: checkSpeech,
    fields: (draft, _, parts) => draftFields(draft, parts),
    again: { fields: speechAgain, draft: speechAgainDraft },
  },

  async execute(interaction, parts) {
    const { options } = interaction;
    const [text, voice, language] = [
      options.getString('text'),
      options.getString('voice'),
      options.getString('language'),
    ];
    if (text !== null) {
      const draft = draftOf(interaction, recipe.name);
      await beginTyped(interaction, draft, checkSpeech, parts);
      return;
    }
    const { id, kept } = parts.drafts.keep(interaction.user.id, { voice, language });
    const shown = form(writeFormId({ form: recipe.name, draft: id }), t('form.speech'), textFields('', voice, parts));
    await showForm(interaction, recipe.name, shown, parts);
    await kept;
  },

  async submit(interaction, draft, parts) {
    const { voice = null, language = null } = (await parts.drafts.read(draft, draftSchema)) ?? {};
    const typed = speechDraft(interaction, voice, language);
    await beginTyped(interaction, typed, checkSpeech, parts);
  },

  async autocomplete(interaction, parts) {
    const focused = interaction.options.getFocused(true);
    const choices =
      focused.name === 'voice'
        ? valueChoices(voicesOf(parts), focused.value)
        : choicesThatFit(languages(), focused.value);
    await interaction.respond(choices);
  },
};

/** The form fields for making a speech again. */
function speechAgain(flow: Flow, parts: Pick<Parts, 'catalogue'>): Field[] {
  return textFields(flow.asked.prompt, onlyVoice(flow), parts);
}

/** The voice of a speech with one speaker. */
function onlyVoice({ asked: { options } }: Flow): string | null {
  const { dialogue = [] } = options;
  const [only] = dialogue.length === 1 ? dialogue : [];
  return only?.voice ?? null;
}

const voicesOf = ({ catalogue }: Pick<Parts, 'catalogue'>): string[] =>
  modelsFor(recipe, catalogue.all(), new Map())[0]?.voices ?? [];

/** A form's field takes 4,000 characters (docs: components/reference), a speech 5,000: so there are two. */
function textFields(text: string, voice: string | null, parts: Pick<Parts, 'catalogue'>): Field[] {
  const voices = voicesOf(parts);
  const description = t('hint.speakers', { shortName: cut(voices[0] ?? 'Anna', 30) });
  const [first, more] = longText({ id: 'text', label: t('field.text'), description }, text);
  const empty: Field = { kind: 'text', id: 'more', label: t('field.continued'), required: false, isLong: true };
  return [
    ...(first ? [first] : []),
    more ?? { ...empty, description: t('hint.notAbove') },
    ...(voices.length > 0 ? [voiceField(voices, voice)] : []),
  ];
}

/** The value that stands for "let the model choose". */
const anyVoice = '-';

/** A select menu holds 25 options: the voice that was chosen, and as many others as fit. */
function voiceField(voices: string[], chosen: string | null): Field {
  const known = voices.find((one) => one.toLowerCase() === chosen?.trim().toLowerCase());
  const listed = [...new Set([...(known === undefined ? [] : [known]), ...voices])];
  const rest = listed.length - (limits.choices - 1);
  return {
    kind: 'pick',
    id: 'voice',
    label: t('field.voice'),
    ...(rest > 0 ? { description: t('hint.moreVoices', { count: rest }) } : {}),
    choices: [
      { label: t('choice.anyVoice'), value: anyVoice, isUsual: known === undefined },
      ...listed.map((one) => ({ label: one, value: one, isUsual: one === known })),
    ],
  };
}

/** What was written into a speech's form. */
function speechDraft(
  interaction: ModalSubmitInteraction,
  voice: string | null,
  language: string | null,
  parent: string | null = null,
): Draft {
  const chosen = { ...(voice === null ? {} : { voice }), ...(language === null ? {} : { language }) };
  return newDraft(interaction.user.id, recipe.name, { values: { ...chosen, ...readFields(interaction) }, parent });
}

/** Makes a speech again from what the form says. */
function speechAgainDraft(flow: Flow, interaction: ModalSubmitInteraction): Draft {
  const { dialogue = [], language = null } = flow.asked.options;
  const [only] = dialogue.length === 1 ? dialogue : [];
  return speechDraft(interaction, only?.voice ?? null, language, flow.id);
}

/** The form fields for changing what was typed. */
const draftFields = (draft: Draft, parts: Pick<Parts, 'catalogue'>): Field[] => [
  ...textFields(textOf(draft, 'text') ?? '', textOf(draft, 'voice'), parts),
  optionField(draft, 'language', t('hint.speechLanguage')),
];

/** Checks what somebody typed for a speech. */
async function checkSpeech(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const { parent } = draft;
  const chosen = textOf(draft, 'voice');
  const typedVoice = chosen === anyVoice ? null : chosen;
  const text = textOf(draft, 'text')?.trim() ?? '';
  if (isBlank(text)) return refuse(t('refusal.textEmpty'));
  if (text.length < shortest || text.length > longest) {
    return refuse(t('refusal.textLength', { length: text.length, min: shortest, max: longest }));
  }
  const model = await pickModel(null, recipe, interaction, parts);
  if (!model.ok) return model;
  const language = checkLanguage(textOf(draft, 'language'));
  if (!language.ok) return language;
  const voice = typedVoice?.trim() ? checkVoice(typedVoice, model.value) : ok(undefined);
  if (!voice.ok) return voice;
  const dialogue = readDialogue(text, voice.value, model.value);
  if (!dialogue.ok) return dialogue;
  const options: Options = {
    dialogue: dialogue.value,
    ...(language.value === undefined ? {} : { language: language.value }),
  };
  return ok({ ...requestDefaults, recipe, model: model.value, prompt: text, options, parent });
}

function checkVoice(typed: string, model: Model): Result<string> {
  const voice = model.voices.find((one) => one.toLowerCase() === typed.trim().toLowerCase());
  if (voice !== undefined) return ok(voice);
  if (model.voices.length === 0) return refuse(t('refusal.noVoices', { model: brief(model.name) }));
  const examples = plain(cut(anyOf(model.voices.slice(0, 3)), 200));
  return refuse(t('refusal.unknownVoice', { voice: brief(typed.trim()), examples }));
}

/** One to three words and a colon at the beginning of a line name the speaker. */
const speaker = /^\s*([\p{Lu}][\p{L}\p{M}'-]*(?: [\p{L}\p{M}'-]+){0,2})\s*[:：]\s*(\S.*)$/u;

/** Splits a text by speaker: either every line begins with a voice, or none does. */
function readDialogue(text: string, voice: string | undefined, model: Model): Result<Options['dialogue'] & object> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const spoken = lines.map((line) => speaker.exec(line));
  const isKnown = (name: string | undefined) => model.voices.some((one) => one.toLowerCase() === name?.toLowerCase());
  // A colon alone proves nothing: “Note: bring shoes” is a sentence like any other.
  const isDialogue = spoken.every(Boolean) && (lines.length > 1 || isKnown(spoken[0]?.[1]));
  if (!isDialogue) return ok([{ text, ...(voice === undefined ? {} : { voice }) }]);
  const dialogue: { text: string; voice: string }[] = [];
  for (const match of spoken) {
    const known = checkVoice(match?.[1] ?? '', model);
    if (!known.ok) return known;
    dialogue.push({ voice: known.value, text: match?.[2]?.trim() ?? '' });
  }
  return ok(dialogue);
}
