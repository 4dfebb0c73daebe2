import { ApplicationCommandOptionType, type ModalSubmitInteraction } from 'discord.js';
import { z } from 'zod';
import { writeFormId } from '../../discord/customId.ts';
import type { Options } from '../../flows/asked.ts';
import type { Flow } from '../../flows/flow.ts';
import { isCustom, music as recipe } from '../../flows/recipes/music.ts';
import { beginTyped } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, flagOf, newDraft, textOf } from '../../requests/draft.ts';
import { type Field, form, longText, readFields } from '../../requests/forms.ts';
import { ok, pickModel, type Request, type Result, refuse, requestDefaults } from '../../requests/request.ts';
import { showForm } from '../../requests/rules.ts';
import { isBlank } from '../../text/cut.ts';
import { t } from '../../text/text.ts';

/** Characters of a song's idea in simple mode (kubeez.com/docs/tools-music). */
const maxPrompt = 400;
/** Characters of lyrics or of a description. */
const maxWords = 3000;

const draftSchema = z.object({ v: z.literal(1), instrumental: z.boolean() });

export const music: Command = {
  name: recipe.name,
  define: () => ({
    ...commandBase,
    description: t('command.music'),
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'prompt',
        description: t('option.music.prompt'),
      },
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'instrumental',
        description: t('option.music.instrumental'),
      },
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'custom',
        description: t('option.music.custom'),
      },
    ],
  }),

  rules: {
    check: checkMusic,
    fields: draftFields,
    again: { fields: songAgain, draft: songAgainDraft },
  },

  async execute(interaction, parts) {
    const draft = draftOf(interaction, recipe.name);
    const prompt = textOf(draft, 'prompt') ?? '';
    // A form whose field could not hold what was typed would lose the rest.
    if (flagOf(draft, 'custom') !== true || prompt.length > maxWords) {
      await beginTyped(interaction, draft, checkMusic, parts);
      return;
    }
    const { id, kept } = parts.drafts.keep(interaction.user.id, {
      instrumental: flagOf(draft, 'instrumental') ?? false,
    });
    const shown = form(writeFormId({ form: recipe.name, draft: id }), t('form.song'), songFields({}, prompt));
    await showForm(interaction, recipe.name, shown, parts);
    await kept;
  },

  async submit(interaction, draft, parts) {
    const { instrumental = false } = (await parts.drafts.read(draft, draftSchema)) ?? {};
    const typed = songDraft(interaction, { custom: true, instrumental });
    await beginTyped(interaction, typed, checkMusic, parts);
  },
};

const songDraft = (
  interaction: ModalSubmitInteraction,
  { custom, instrumental }: { custom: boolean; instrumental: boolean },
  parent: string | null = null,
): Draft =>
  newDraft(interaction.user.id, recipe.name, { values: { custom, instrumental, ...readFields(interaction) }, parent });

const promptFields = (prompt: string): Field[] => longText({ id: 'prompt', label: t('field.prompt') }, prompt);

/** The form fields for making a song again: those of its own form, or only the prompt. */
function songAgain({ asked: { prompt, options } }: Flow): Field[] {
  if (isCustom(options)) return songFields(options, options.lyrics ?? options.song_description ?? '');
  return promptFields(prompt);
}

/** Makes a song again from what the form says. */
function songAgainDraft(flow: Flow, interaction: ModalSubmitInteraction): Draft {
  const { options } = flow.asked;
  const mode = { custom: isCustom(options), instrumental: options.instrumental ?? false };
  return songDraft(interaction, mode, flow.id);
}

/** The form fields for changing what was typed. */
function draftFields(draft: Draft): Field[] {
  const words = textOf(draft, 'words') ?? textOf(draft, 'prompt') ?? '';
  if (flagOf(draft, 'custom') !== true || words.length > maxWords) return promptFields(words);
  const options: Options = {
    title: textOf(draft, 'title') ?? '',
    style: textOf(draft, 'style') ?? '',
    vocal_gender: voiceIn(draft),
    negative_tags: textOf(draft, 'avoid') ?? '',
  };
  return songFields(options, words);
}

const voiceIn = (draft: Draft) => z.enum(['m', 'f', 'random']).catch('random').parse(textOf(draft, 'voice'));

/** Checks what somebody typed for songs. */
function checkMusic(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  return flagOf(draft, 'custom') ? checkSong(draft, interaction, parts) : checkSimple(draft, interaction, parts);
}

function songFields({ title = '', style = '', vocal_gender, negative_tags = '' }: Options, words: string): Field[] {
  const voices = [
    { value: 'random', label: t('choice.anyVoice') },
    { value: 'f', label: t('choice.woman') },
    { value: 'm', label: t('choice.man') },
  ];
  return [
    { kind: 'text', id: 'title', label: t('field.title'), value: title, most: 80 },
    {
      kind: 'text',
      id: 'style',
      label: t('field.style'),
      value: style,
      most: 200,
      placeholder: t('placeholder.style'),
    },
    {
      kind: 'pick',
      id: 'voice',
      label: t('field.voice'),
      choices: voices.map((voice) => ({ ...voice, isUsual: voice.value === (vocal_gender ?? 'random') })),
    },
    {
      kind: 'text',
      id: 'words',
      label: t('field.words'),
      description: t('hint.songWords'),
      value: words,
      most: maxWords,
      isLong: true,
    },
    { kind: 'text', id: 'avoid', label: t('field.avoid'), value: negative_tags, most: 200, required: false },
  ];
}

async function checkSimple(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const { parent } = draft;
  const instrumental = flagOf(draft, 'instrumental') ?? false;
  const prompt = textOf(draft, 'prompt')?.trim() ?? '';
  if (isBlank(prompt)) return refuse(t('refusal.songEmpty'));
  if (prompt.length > maxPrompt) {
    return refuse(t('refusal.songPromptTooLong', { length: prompt.length, max: maxPrompt }));
  }
  const model = await pickModel(null, recipe, interaction, parts);
  return model.ok
    ? ok({ ...requestDefaults, recipe, model: model.value, prompt, options: { instrumental }, parent })
    : model;
}

/** The tool's own rules for its custom mode, checked before anything is sent (kubeez.com/docs/tools-music). */
async function checkSong(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Result<Request>> {
  const { parent } = draft;
  const instrumental = flagOf(draft, 'instrumental') ?? false;
  const typed = textOf(draft, 'words') ?? textOf(draft, 'prompt') ?? '';
  if (typed.length > maxWords) {
    return refuse(t('refusal.songWordsTooLong', { length: typed.length, max: maxWords }));
  }
  const [title, style] = [textOf(draft, 'title')?.trim() ?? '', textOf(draft, 'style')?.trim() ?? ''];
  if (isBlank(title) || isBlank(style)) return refuse(t('refusal.songNeedsTitleAndStyle'));
  const words = readWords(typed);
  if (!words.ok) return words;
  const { lyrics, description } = words.value;
  if (lyrics !== undefined && instrumental) return refuse(t('refusal.noLyricsInInstrumental'));
  const voice = voiceIn(draft);
  const avoid = textOf(draft, 'avoid')?.trim() ?? '';
  const options: Options = {
    title,
    style,
    vocal_gender: voice,
    ...(lyrics === undefined ? { song_description: description } : { lyrics }),
    ...(avoid === '' ? {} : { negative_tags: avoid }),
    ...(instrumental ? { instrumental } : {}),
  };
  const model = await pickModel(null, recipe, interaction, parts);
  const prompt = lyrics ?? description ?? '';
  return model.ok ? ok({ ...requestDefaults, recipe, model: model.value, prompt, options, parent }) : model;
}

/** One field holds either what is sung or what the song is like: the tool refuses both together. */
function readWords(text: string): Result<{ lyrics?: string; description?: string }> {
  const parts = text.split(/^[ \t]*(lyrics|description)[ \t]*[:：]/im);
  const named = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) {
    const words = parts[index + 1]?.trim() ?? '';
    if (!isBlank(words)) named.set(parts[index]?.toLowerCase() ?? '', words);
  }
  if (named.size > 1) return refuse(t('refusal.lyricsOrDescription'));
  const [lyrics, description] = [named.get('lyrics'), named.get('description')];
  if (lyrics !== undefined) return ok({ lyrics });
  if (description !== undefined) return ok({ description });
  const words = parts.length > 1 ? '' : text.trim();
  if (isBlank(words)) return refuse(t('refusal.songWordsEmpty'));
  return ok(words.includes('\n') ? { lyrics: words } : { description: words });
}
