import { ApplicationCommandOptionType, type ModalSubmitInteraction } from 'discord.js';
import { z } from 'zod';
import { writeFormId } from '../../discord/customId.ts';
import type { Flow, Options } from '../../flows/flow.ts';
import { isCustom, music as recipe } from '../../flows/recipes/music.ts';
import { begin } from '../../requests/begin.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import { type Draft, draftOf, flagOf, newDraft, textOf } from '../../requests/draft.ts';
import { type Field, form, longText, readFields } from '../../requests/forms.ts';
import { bare, no, type Picked, pickModel, type Request, yes } from '../../requests/request.ts';
import { isBlank } from '../../text/cut.ts';

/** Characters of a song's idea in simple mode (kubeez.com/docs/tools-music). */
const promptMost = 400;
/** Characters of lyrics or of a description. */
const wordsMost = 3000;

const draftSchema = z.object({ v: z.literal(1), instrumental: z.boolean() });

export const music: Command = {
  data: {
    ...commandBase,
    name: recipe.name,
    description: 'Make two songs from a few words',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'prompt',
        description: 'What the songs are about and how they sound, in at most 400 characters',
      },
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'instrumental',
        description: 'Music without singing',
      },
      {
        type: ApplicationCommandOptionType.Boolean,
        name: 'custom',
        description: 'Opens a form: title, style, voice, lyrics',
      },
    ],
  },

  rules: {
    check: checkMusic,
    fields: draftFields,
    again: { fields: songAgain, draft: songAgainDraft },
  },

  async execute(interaction, parts) {
    const draft = draftOf(interaction, recipe.name);
    const prompt = textOf(draft, 'prompt') ?? '';
    // A form whose field could not hold what was typed would lose the rest.
    if (flagOf(draft, 'custom') !== true || prompt.length > wordsMost) {
      await begin(interaction, checkMusic(draft, interaction, parts), parts, draft);
      return;
    }
    const { id, kept } = parts.drafts.keep({ instrumental: flagOf(draft, 'instrumental') ?? false });
    await interaction.showModal(form(writeFormId({ form: recipe.name, draft: id }), 'A song', songFields({}, prompt)));
    await kept;
  },

  async submit(interaction, draft, parts) {
    const { instrumental = false } = (await parts.drafts.read(draft, draftSchema)) ?? {};
    const typed = songDraft(interaction, { custom: true, instrumental });
    await begin(interaction, checkMusic(typed, interaction, parts), parts, typed);
  },
};

const songDraft = (
  interaction: ModalSubmitInteraction,
  { custom, instrumental }: { custom: boolean; instrumental: boolean },
  parent: string | null = null,
): Draft =>
  newDraft(interaction.user.id, recipe.name, { values: { custom, instrumental, ...readFields(interaction) }, parent });

const promptFields = (prompt: string): Field[] => longText({ id: 'prompt', label: 'Prompt' }, prompt);

/** The lines with which a song is asked for again: those of its form, or its prompt alone. */
function songAgain(flow: Flow): Field[] {
  if (isCustom(flow)) return songFields(flow.options, flow.options.lyrics ?? flow.options.song_description ?? '');
  return promptFields(flow.prompt);
}

/** A song asked for again, with other words. */
function songAgainDraft(flow: Flow, interaction: ModalSubmitInteraction): Draft {
  return songDraft(interaction, { custom: isCustom(flow), instrumental: flow.options.instrumental ?? false }, flow.id);
}

/** The lines with which somebody changes what they asked for. */
function draftFields(draft: Draft): Field[] {
  const words = textOf(draft, 'words') ?? textOf(draft, 'prompt') ?? '';
  if (flagOf(draft, 'custom') !== true || words.length > wordsMost) return promptFields(words);
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
function checkMusic(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Picked<Request>> {
  return flagOf(draft, 'custom') ? checkSong(draft, interaction, parts) : checkSimple(draft, interaction, parts);
}

function songFields({ title = '', style = '', vocal_gender, negative_tags = '' }: Options, words: string): Field[] {
  const voices = [
    { value: 'random', label: 'Any voice' },
    { value: 'f', label: 'A woman' },
    { value: 'm', label: 'A man' },
  ];
  return [
    { kind: 'text', id: 'title', label: 'Title', value: title, most: 80 },
    { kind: 'text', id: 'style', label: 'Style', value: style, most: 200, placeholder: 'dreamy pop, slow, piano' },
    {
      kind: 'pick',
      id: 'voice',
      label: 'Voice',
      choices: voices.map((voice) => ({ ...voice, isUsual: voice.value === (vocal_gender ?? 'random') })),
    },
    {
      kind: 'text',
      id: 'words',
      label: 'Lyrics or description',
      description: 'Several lines are sung; one line describes. Begin with Lyrics: or Description: to say which.',
      value: words,
      most: wordsMost,
      isLong: true,
    },
    { kind: 'text', id: 'avoid', label: 'Avoid', value: negative_tags, most: 200, required: false },
  ];
}

async function checkSimple(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Picked<Request>> {
  const { parent } = draft;
  const instrumental = flagOf(draft, 'instrumental') ?? false;
  const prompt = textOf(draft, 'prompt')?.trim() ?? '';
  if (isBlank(prompt)) return no('Say in `prompt` what the songs are about, or set `custom` for a form.');
  if (prompt.length > promptMost) {
    return no(
      `The prompt has ${prompt.length} characters, but a song takes ${promptMost}: shorten it, or set \`custom\`.`,
    );
  }
  const model = await pickModel(null, recipe, interaction, parts);
  return model.ok ? yes({ ...bare, recipe, model: model.value, prompt, options: { instrumental }, parent }) : model;
}

/** The tool's own rules for its custom mode, checked before anything is sent (kubeez.com/docs/tools-music). */
async function checkSong(draft: Draft, interaction: StartInteraction, parts: Parts): Promise<Picked<Request>> {
  const { parent } = draft;
  const instrumental = flagOf(draft, 'instrumental') ?? false;
  const typed = textOf(draft, 'words') ?? textOf(draft, 'prompt') ?? '';
  if (typed.length > wordsMost) {
    const length = typed.length.toLocaleString('en');
    return no(`The text has ${length} characters, but lyrics or a description take ${wordsMost.toLocaleString('en')}.`);
  }
  const [title, style] = [textOf(draft, 'title')?.trim() ?? '', textOf(draft, 'style')?.trim() ?? ''];
  if (isBlank(title) || isBlank(style)) return no('A custom song needs both a title and a style.');
  const words = readWords(typed);
  if (!words.ok) return words;
  const { lyrics, description } = words.value;
  if (lyrics !== undefined && instrumental)
    return no('Instrumental music has no lyrics: describe it in one line instead.');
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
  return model.ok ? yes({ ...bare, recipe, model: model.value, prompt, options, parent }) : model;
}

/** One field holds either what is sung or what the song is like: the tool refuses both together. */
function readWords(text: string): Picked<{ lyrics?: string; description?: string }> {
  const parts = text.split(/^[ \t]*(lyrics|description)[ \t]*:/im);
  const named = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) {
    const words = parts[index + 1]?.trim() ?? '';
    if (!isBlank(words)) named.set(parts[index]?.toLowerCase() ?? '', words);
  }
  if (named.size > 1)
    return no('Give lyrics or a description, not both: the lyrics already say what the song is about.');
  const [lyrics, description] = [named.get('lyrics'), named.get('description')];
  if (lyrics !== undefined) return yes({ lyrics });
  if (description !== undefined) return yes({ description });
  const words = parts.length > 1 ? '' : text.trim();
  if (isBlank(words)) return no('Write the lyrics, or describe the song in one line.');
  return yes(words.includes('\n') ? { lyrics: words } : { description: words });
}
