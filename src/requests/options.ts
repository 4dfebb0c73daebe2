import { type APIApplicationCommandBasicOption, ApplicationCommandOptionType } from 'discord.js';
import type { Adjusted, Options } from '../flows/asked.ts';
import type { DefaultName, Defaults } from '../guilds/defaults.ts';
import type { MediaKind } from '../kubeez/media.ts';
import type { Model } from '../kubeez/model.ts';
import { brief, cut, plain } from '../text/cut.ts';
import { t } from '../text/text.ts';
import type { Request } from './request.ts';

/** Every option a generating command may have; a command names those it offers. */
export const optionDefinitions = () =>
  ({
    prompt: {
      type: ApplicationCommandOptionType.String,
      name: 'prompt',
      description: t('option.prompt'),
      required: true,
      min_length: 1,
      max_length: 6000,
    },
    model: {
      type: ApplicationCommandOptionType.String,
      name: 'model',
      description: t('option.model'),
      autocomplete: true,
    },
    image: {
      type: ApplicationCommandOptionType.Attachment,
      name: 'image',
      description: t('option.image'),
    },
    video: {
      type: ApplicationCommandOptionType.Attachment,
      name: 'video',
      description: t('option.video'),
    },
    audio: {
      type: ApplicationCommandOptionType.Attachment,
      name: 'audio',
      description: t('option.audio'),
    },
    spoiler: {
      type: ApplicationCommandOptionType.Boolean,
      name: 'spoiler',
      description: t('option.spoiler'),
    },
    duration: {
      type: ApplicationCommandOptionType.String,
      name: 'duration',
      description: t('option.duration'),
      autocomplete: true,
    },
    aspect: {
      type: ApplicationCommandOptionType.String,
      name: 'aspect',
      description: t('option.aspect'),
      autocomplete: true,
    },
    resolution: {
      type: ApplicationCommandOptionType.String,
      name: 'resolution',
      description: t('option.resolution'),
      autocomplete: true,
    },
    quality: {
      type: ApplicationCommandOptionType.String,
      name: 'quality',
      description: t('option.quality'),
      autocomplete: true,
    },
    sound: {
      type: ApplicationCommandOptionType.Boolean,
      name: 'sound',
      description: t('option.sound'),
    },
    negative: {
      type: ApplicationCommandOptionType.String,
      name: 'negative',
      description: t('option.negative'),
      max_length: 1000,
    },
    seed: {
      type: ApplicationCommandOptionType.Integer,
      name: 'seed',
      description: t('option.seed'),
      min_value: 0,
      max_value: 2_147_483_647,
    },
  }) as const satisfies Record<string, APIApplicationCommandBasicOption>;

export type OptionName = keyof ReturnType<typeof optionDefinitions>;

/** The options of a command as they were typed. */
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
    const match = values.find((one) => isSameValue(one, value));
    if (match === undefined) {
      const known = plain(cut(values.join(', '), 500));
      const sentence =
        values.length === 0
          ? t('refusal.nothingToChoose', { model: named, option })
          : t('refusal.badValue', { model: named, option, value: brief(value), values: known });
      return { ok: false, sentence, about: option };
    }
    options[parameter] = match;
  }
  if (typed.sound !== null && model.sound === 'fixed') {
    return {
      ok: false,
      sentence: t('refusal.soundFixed', { model: named }),
      about: 'sound',
    };
  }
  if (model.sound === 'toggle') options.sound = typed.sound ?? false;
  if (typed.negative?.trim()) options.negative_prompt = typed.negative.trim();
  if (typed.seed !== null) options.seed = typed.seed;
  return { ok: true, options };
}

/**
 * Options that were chosen for one model, as another takes them: the same, or what comes nearest to it; and what that
 * changes. Pure.
 *
 * @param kinds files the job starts from, as above
 */
export function fitOptions(model: Model, asked: Options, kinds: MediaKind[]): Pick<Request, 'options' | 'adjusted'> {
  const { sound, ...options } = asked;
  const adjusted: Adjusted[] = [];
  for (const [option, parameter] of Object.entries(names)) {
    const values = allowed(model, option);
    const from = asked[parameter];
    const to =
      values.find((one) => from !== undefined && isSameValue(one, from)) ??
      nearest(values, from, usualValue(option, values, kinds));
    delete options[parameter];
    if (to !== undefined) options[parameter] = to;
    if (from !== undefined && (to === undefined || !isSameValue(to, from)))
      adjusted.push({ option: parameter, from, to: to ?? null });
  }
  const isSilenced = sound === true && model.sound === 'fixed' && model.isSilent;
  if (isSilenced) adjusted.push({ option: 'sound', from: 'true', to: null });
  return { options: model.sound === 'toggle' ? { ...options, sound: sound ?? false } : options, adjusted };
}

/** The value that comes nearest to one that a model does not take: in size, where it has one. */
function nearest(values: string[], wanted: string | undefined, usual: string | undefined): string | undefined {
  const size = sizeOf(wanted ?? '');
  const sizes = values.flatMap((value) => ({ value, size: sizeOf(value) }));
  if (size === undefined) return usual;
  const distance = (one: number) => Math.abs(Math.log(one / size));
  const known = sizes.flatMap(({ value, size: one }) => (one === undefined ? [] : [{ value, by: distance(one) }]));
  return known.sort((one, other) => one.by - other.by)[0]?.value ?? usual;
}

/** How large a value is: `16:9` by its shape, `6s`, `1080p` and `2K` by their number; undefined where it has none. */
function sizeOf(value: string): number | undefined {
  const [, first = '', second, unit] = /^(\d+(?:\.\d+)?)(?:[:x](\d+(?:\.\d+)?)|([a-z]*))$/i.exec(value.trim()) ?? [];
  const size = (Number(first) / (second === undefined ? 1 : Number(second))) * (unit?.toLowerCase() === 'k' ? 1000 : 1);
  return size > 0 && Number.isFinite(size) ? size : undefined;
}

/** What is to be taken where nothing was typed. */
export type Wanted = Defaults & { aspect?: string | undefined };

/**
 * The options as they were typed, and for each that was left open the first wish that the model can fulfil exactly. Pure.
 *
 * @param wishes of the channel, then of the server
 * @param kinds files the job starts from, as above
 */
export const withWishes = (model: Model, typed: Typed, wishes: Wanted[], kinds: MediaKind[]): Typed =>
  withFirst(
    typed,
    wishes.map((wish) =>
      Object.fromEntries(chosenOf(wish).filter(([name, value]) => takes(model, name, value, kinds))),
    ),
  );

/** The options as they were typed, and for each that was left open the first wish. */
function withFirst(typed: Typed, wishes: Wanted[]): Typed {
  const first = <Name extends keyof Wanted>(name: Name) =>
    wishes.map((wish) => wish[name]).find((value) => value !== undefined);
  return {
    ...typed,
    aspect: typed.aspect ?? first('aspect') ?? null,
    duration: typed.duration ?? first('duration') ?? null,
    resolution: typed.resolution ?? first('resolution') ?? null,
    quality: typed.quality ?? first('quality') ?? null,
    sound: typed.sound ?? first('sound') ?? null,
  };
}

/** Of some models, those that take all of something; all of them where none does. */
type Narrowed = (models: readonly Model[]) => readonly Model[];

/** How models are narrowed down where none was named: to what takes everything that was typed, and all that is wished. */
export interface Fit {
  typed: Narrowed;
  wished: Narrowed;
}

/** @param kindsOf files that a job of a model starts from */
export function fitOf(typed: Typed, wishes: Wanted[], kindsOf: (model: Model) => MediaKind[]): Fit {
  const narrowed = (options: Chosen[]) => (models: readonly Model[]) => {
    const fitting = models.filter((model) =>
      options.every(([name, value]) => takes(model, name, value, kindsOf(model))),
    );
    return fitting.length > 0 ? fitting : models;
  };
  return { typed: narrowed(chosenOf(typed)), wished: narrowed(chosenOf(withFirst(typed, wishes))) };
}

/** An option and what was chosen for it. */
type Chosen = [name: string, value: string | boolean];

const chosenNames = ['aspect', 'duration', 'resolution', 'quality', 'sound'] as const;

/** The options that depend on the model, as far as they were chosen. */
const chosenOf = (options: Wanted | Typed): Chosen[] =>
  chosenNames.flatMap((name): Chosen[] => {
    const value = options[name];
    const isLeft = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
    return isLeft ? [] : [[name, value]];
  });

/** The values of an option that a model leaves open: a clip or a sound that is given has its own length. */
export const valuesOf = (model: Model, option: string, kinds: MediaKind[]): string[] =>
  option === 'duration' && hasLength(kinds) ? [] : allowed(model, option);

/** Whether a model leaves an option open. */
export const canDefault = (model: Model, option: DefaultName, kinds: MediaKind[]): boolean =>
  option === 'sound' ? model.sound === 'toggle' : valuesOf(model, option, kinds).length > 0;

/** Whether a model has exactly this value. */
const takes = (model: Model, option: string, value: string | boolean, kinds: MediaKind[]): boolean =>
  typeof value === 'boolean'
    ? model.sound === 'toggle'
    : valuesOf(model, option, kinds).some((one) => isSameValue(one, value));

const hasLength = (kinds: MediaKind[]) => kinds.some((kind) => kind !== 'image');

function usualValue(option: string, values: string[], kinds: MediaKind[]): string | undefined {
  if (option === 'aspect') return usualAspect(values, kinds.length > 0);
  return option === 'duration' && hasLength(kinds) ? undefined : values[0];
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
export function isSameValue(one: string, other: string): boolean {
  const normalised = (text: string) => text.toLowerCase().replace(/\s+/g, '').replace(/x/, ':');
  return normalised(one) === normalised(other) || normalised(one) === `${normalised(other)}s`;
}
