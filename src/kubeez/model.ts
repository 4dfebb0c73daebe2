import { noCapabilities, type Row } from './answers.ts';
import { type MediaKind, mediaKinds } from './media.ts';

/** A row of the catalogue, its two halves reconciled: `capabilities` may be empty or disagree with the row. */
export interface Model {
  id: string;
  name: string;
  /** `image`, `video`, `music` … as the server spells it. */
  type: string;
  /** Credits on the list; what a start really costs may come from the estimate. */
  price: number;
  /** Seconds a job usually takes. */
  seconds: number;
  generationTypes: string[];
  /** Whether it does one special thing, such as removing a background. */
  isSpecial: boolean;
  /** Whether it reads a prompt; undefined when its row does not say. */
  readsWords: boolean | undefined;
  /** Characters; undefined when the server names no bound. */
  promptMax: number | undefined;
  aspects: string[];
  durations: string[];
  resolutions: string[];
  qualities: string[];
  /** `toggle`: the caller decides; `fixed`: nothing to decide. */
  sound: 'toggle' | 'fixed';
  /** Whether its clips certainly have no sound. */
  isSilent: boolean;
  inputKinds: MediaKind[];
  /** How many files of a kind a job takes at most. */
  inputsMax: Record<MediaKind, number>;
  /** Shortest and longest clip or sound it takes, in seconds, and its largest file in bytes, where the row says so. */
  inputSeconds: [number, number] | undefined;
  inputBytes: number | undefined;
  /** Names of the voices it speaks with. */
  voices: string[];
  provider: string;
}

const usualSeconds = 30;

/** Reads a row into a model. Prices and options come from the server alone. */
export function modelOf(row: Row): Model {
  const can = row.capabilities ?? noCapabilities;
  const generationTypes = first(row.generation_types, can.generation_types).map(kebabCase);
  const inputTypes = first(row.input_media_types, can.input_media_types).map((kind) => kind.toLowerCase());
  const most = { image: can.max_input_images, video: can.max_input_videos, audio: can.max_input_audios };
  const takesImages = row.requires_input_media === true || generationTypes.some((type) => type.startsWith('image-to'));
  const inputKinds = mediaKinds.filter(
    (kind) =>
      inputTypes.includes(kind) ||
      (most[kind] ?? 0) > 0 ||
      (kind === 'image' && takesImages && inputTypes.length === 0),
  );
  const bound = (kind: MediaKind) => (inputKinds.includes(kind) ? most[kind] || can.max_input_media || 1 : 0);
  const named = {
    id: row.model_id,
    name: row.display_name?.trim() || row.model_id,
    type: row.model_type.toLowerCase(),
  };
  return {
    ...named,
    price: row.cost_per_generation,
    seconds: row.estimated_time_seconds ?? usualSeconds,
    generationTypes,
    isSpecial: isSpecial({ ...named, generationTypes }),
    readsWords: readsWords(row),
    promptMax: can.prompt_max_chars,
    aspects: can.supports_aspect_ratio === false ? [] : (can.aspect_ratio_options ?? []),
    durations: can.duration_options ?? [],
    resolutions: first(can.resolution_options, can.resolution),
    qualities: can.quality_options ?? [],
    sound: can.video_audio === 'included' || can.supports_sound !== true ? 'fixed' : 'toggle',
    isSilent: can.supports_sound === false && !/included|toggle/.test(can.video_audio ?? ''),
    inputKinds,
    inputsMax: { image: bound('image'), video: bound('video'), audio: bound('audio') },
    inputSeconds: can.max_input_seconds === undefined ? undefined : [can.min_input_seconds ?? 0, can.max_input_seconds],
    inputBytes: can.max_input_file_mb === undefined ? undefined : can.max_input_file_mb * 1024 * 1024,
    voices: row.voice_allowlist ?? [],
    provider: row.provider ?? '',
  };
}

function readsWords({ capabilities, usage_notes = '' }: Row): boolean | undefined {
  const { prompt_max_chars, supports_prompt } = capabilities ?? noCapabilities;
  if (prompt_max_chars === 0 || supports_prompt === false) return false;
  if (
    /\b(no|without an?|ignores? (the|any)) prompt|prompt (is|are) (ignored|not (used|read|supported))/i.test(
      usage_notes,
    )
  )
    return false;
  return prompt_max_chars === undefined ? supports_prompt : true;
}

/** Words for what does one thing and no other, as names and kinds of rows spell it. */
const specialWords =
  /\b(background|bg|rembg|matting|matte|cut ?out|remov\w*|eras\w*|upscal\w*|super ?res\w*|enhanc\w*|restor\w*|colou?ri[sz]\w*|denois\w*|deblur\w*|sharpen\w*|relight\w*|inpaint\w*|outpaint\w*|uncrop|expand\w*|reframe|crop|watermark\w*|logos?|icons?|stickers?|vectori?[sz]?\w*|svg|ads?|ad ?copy|advert\w*|banners?|thumbnails?|mockups?|storyboards?|face ?swap|swap|try ?on|avatars?|lip ?sync\w*|caption\w*|subtitle\w*|dub\w*|segment\w*|depth|trim|extend\w*|interpolat\w*|transition\w*)\b/i;

/** The catalogue tells by words alone that a row does one special thing. */
const isSpecial = ({ id, name, type, generationTypes }: Pick<Model, 'id' | 'name' | 'type' | 'generationTypes'>) =>
  specialWords.test([id, name, type, ...generationTypes].join(' ').replace(/[-_.]/g, ' '));

/** The first list that is not empty. */
const first = (...lists: (string[] | undefined)[]) => lists.find((list) => list && list.length > 0) ?? [];

/** Servers write `text-to-image` and `TEXT_TO_IMAGE` alike. */
const kebabCase = (type: string) => type.toLowerCase().replaceAll('_', '-');

/**
 * Whether every start costs the list price: image rows without a tier to choose. All others are priced by the
 * estimate tool (kubeez.com/docs/how-it-works).
 */
export const isFlatRate = (model: Model) =>
  model.type === 'image' && model.resolutions.length === 0 && model.qualities.length === 0;
