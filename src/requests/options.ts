import { type APIApplicationCommandBasicOption, ApplicationCommandOptionType } from 'discord.js';
import type { Options } from '../flows/flow.ts';
import type { MediaKind, Model } from '../kubeez/model.ts';
import { brief, cut, plain } from '../text/cut.ts';

/** Every option a generating command may have; a command names those it offers. */
export const optionDefinitions = {
  prompt: {
    type: ApplicationCommandOptionType.String,
    name: 'prompt',
    description: 'What you want to see',
    required: true,
    min_length: 1,
    max_length: 6000,
  },
  model: {
    type: ApplicationCommandOptionType.String,
    name: 'model',
    description: 'The model: type to search (leave out for the one most used here)',
    autocomplete: true,
  },
  image: {
    type: ApplicationCommandOptionType.Attachment,
    name: 'image',
    description: 'The picture to start from (leave out to get an upload link by DM)',
  },
  video: {
    type: ApplicationCommandOptionType.Attachment,
    name: 'video',
    description: 'The clip to copy the movement from, 3 to 30 seconds (leave out to get an upload link)',
  },
  audio: {
    type: ApplicationCommandOptionType.Attachment,
    name: 'audio',
    description: 'The speech or song (leave out to get an upload link by DM)',
  },
  spoiler: {
    type: ApplicationCommandOptionType.Boolean,
    name: 'spoiler',
    description: 'Hide the result behind a spoiler',
  },
  duration: {
    type: ApplicationCommandOptionType.String,
    name: 'duration',
    description: 'How long the clip is',
    autocomplete: true,
  },
  aspect: {
    type: ApplicationCommandOptionType.String,
    name: 'aspect',
    description: 'Width to height, such as 16:9',
    autocomplete: true,
  },
  resolution: {
    type: ApplicationCommandOptionType.String,
    name: 'resolution',
    description: 'The resolution of the result',
    autocomplete: true,
  },
  quality: {
    type: ApplicationCommandOptionType.String,
    name: 'quality',
    description: 'The quality of the result',
    autocomplete: true,
  },
  sound: {
    type: ApplicationCommandOptionType.Boolean,
    name: 'sound',
    description: 'Whether the clip has sound, where the model offers both',
  },
  negative: {
    type: ApplicationCommandOptionType.String,
    name: 'negative',
    description: 'What to leave out, for models that support it',
    max_length: 1000,
  },
  seed: {
    type: ApplicationCommandOptionType.Integer,
    name: 'seed',
    description: 'The same number gives a similar result again',
    min_value: 0,
    max_value: 2_147_483_647,
  },
} as const satisfies Record<string, APIApplicationCommandBasicOption>;

export type OptionName = keyof typeof optionDefinitions;

/** What was typed into a command. */
interface Typed {
  aspect: string | null;
  duration: string | null;
  resolution: string | null;
  quality: string | null;
  sound: boolean | null;
  negative: string | null;
  seed: number | null;
}

/** The values a model allows for an option; empty when there is nothing to choose. */
export function allowed(model: Model, option: string): string[] {
  switch (option) {
    case 'aspect':
      return model.aspects;
    case 'duration':
      return model.durations;
    case 'resolution':
      return model.resolutions;
    case 'quality':
      return model.qualities;
    default:
      return [];
  }
}

const names = {
  aspect: 'aspect_ratio',
  duration: 'duration',
  resolution: 'resolution',
  quality: 'quality',
} as const;

export type Checked = { ok: true; options: Options } | { ok: false; sentence: string; about: string };

/**
 * Checks what was typed against what the model allows. Anyone may type anything: autocomplete only suggests.
 * A choice left open gets the value the price is then asked for; sound is always said.
 *
 * @param kinds files the job starts from: a picture's shape counts, and the length of a clip or a sound is the result's
 */
export function checkOptions(model: Model, typed: Typed, kinds: MediaKind[]): Checked {
  const options: Options = {};
  const named = brief(model.name);
  for (const [option, parameter] of Object.entries(names)) {
    const values = allowed(model, option);
    const value = typedValue(typed, option);
    if (value === null) {
      const usual = usualValue(option, values, kinds);
      if (usual !== undefined) options[parameter] = usual;
      continue;
    }
    const match = values.find((one) => same(one, value));
    if (match === undefined) {
      const sentence =
        values.length === 0
          ? `${named} has no ${option} to choose: leave \`${option}\` out. Nothing was spent.`
          : `${named} does not take the ${option} “${brief(value)}”: it takes ${plain(cut(values.join(', '), 500))}. Nothing was spent.`;
      return { ok: false, sentence, about: option };
    }
    options[parameter] = match;
  }
  if (typed.sound !== null && model.sound === 'fixed') {
    return {
      ok: false,
      sentence: `${named} leaves no choice about sound: leave \`sound\` out. Nothing was spent.`,
      about: 'sound',
    };
  }
  if (model.sound === 'toggle') options.sound = typed.sound ?? false;
  if (typed.negative?.trim()) options.negative_prompt = typed.negative.trim();
  if (typed.seed !== null) options.seed = typed.seed;
  return { ok: true, options };
}

function usualValue(option: string, values: string[], kinds: MediaKind[]): string | undefined {
  if (option === 'aspect') return usualAspect(values, kinds.length > 0);
  const hasLength = kinds.some((kind) => kind !== 'image');
  return option === 'duration' && hasLength ? undefined : values[0];
}

/** The platform's own default is 1:1 (kubeez.com/docs/tools-media); a picture keeps its shape where a model can. */
function usualAspect(values: string[], fromPicture: boolean): string | undefined {
  if (fromPicture) return values.find((value) => value === 'auto' || value === 'adaptive');
  return values.includes('1:1') ? '1:1' : values[0];
}

function typedValue(typed: Typed, option: string): string | null {
  const value = Object.entries(typed).find(([name]) => name === option)?.[1];
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? null : text;
}

/** `5`, `5s` and `5 S` are one duration; `16x9` is `16:9`. */
function same(one: string, other: string): boolean {
  const spelled = (text: string) => text.toLowerCase().replace(/\s+/g, '').replace(/x/, ':');
  return spelled(one) === spelled(other) || spelled(one) === `${spelled(other)}s`;
}
