/**
 * The stand-in's catalogue: ids, options and figures as they were published between March and July 2026. Prices are
 * examples: the real ones change, and the bot takes them from the server.
 */
export interface Row {
  model_id: string;
  display_name: string;
  provider: string;
  model_type: string;
  cost_per_generation: number;
  estimated_time_seconds: number;
  generation_types: string[];
  requires_input_media: boolean;
  input_media_types: string[];
  capabilities: Record<string, unknown>;
  usage_notes: string;
  cost_note: string;
  voice_allowlist?: string[];
}

/** How the estimate tool prices a row; a row without this costs its list price. */
interface Pricing {
  /** Credits a second of the result. */
  perSecond?: number;
  /** Credits a second more when there is sound. */
  soundPerSecond?: number;
  /** Credits by resolution or quality. */
  tiers?: Record<string, number>;
  /** Credits a second of the reference video. */
  perReferenceSecond?: number;
  /** Credits a second of the sound that is spoken; then the length of the result does not count. */
  perAudioSecond?: number;
  /** Credits a begun minute of whatever is worked on. */
  perMinute?: number;
}

interface Listed {
  row: Row;
  pricing: Pricing;
}

const five = ['1:1', '16:9', '9:16', '4:3', '3:4'];
const wide = [...five, '3:2', '2:3', '21:9'];
const widest = [...wide, '5:4', '4:5', 'auto'];
const cinema = ['16:9', '9:16', '1:1'];

const titles: Record<string, string> = { i2v: 'Image to Video', gpt: 'GPT', hd: 'HD', pro: 'Pro' };

/** `kling-3-0-pro` → `Kling 3.0 Pro`. */
function titleOf(id: string): string {
  return id
    .replace(/(\d)-(\d)(?=-|$)/g, '$1.$2')
    .split('-')
    .map((word) => titles[word] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

type Extra = Partial<Row> & { pricing?: Pricing };

function listed(id: string, provider: string, type: string, credits: number, seconds: number, extra: Extra): Listed {
  const { pricing = {}, ...rest } = extra;
  const row = {
    model_id: id,
    display_name: titleOf(id),
    provider,
    model_type: type,
    cost_per_generation: credits,
    estimated_time_seconds: seconds,
    generation_types: [],
    requires_input_media: false,
    input_media_types: [],
    capabilities: {},
    usage_notes: '',
    cost_note: 'Example price of the playground.',
    ...rest,
  };
  return { row, pricing };
}

interface ImageNotes {
  prompt: number;
  aspects: string[];
  /** Most reference images; 0: words only. */
  images?: number;
  /** Only ever edits. */
  editOnly?: boolean;
  tiers?: Record<string, number>;
  qualities?: string[];
}

function image(id: string, provider: string, credits: number, seconds: number, notes: ImageNotes): Listed {
  const { prompt, aspects, images = 0, editOnly = false, tiers, qualities } = notes;
  const types = [...(editOnly ? [] : ['text-to-image']), ...(images > 0 ? ['image-to-image'] : [])];
  return listed(id, provider, 'image', credits, seconds, {
    generation_types: types,
    requires_input_media: editOnly,
    input_media_types: images > 0 ? ['image'] : [],
    capabilities: {
      prompt_max_chars: prompt,
      supports_aspect_ratio: aspects.length > 0,
      aspect_ratio_options: aspects,
      max_input_images: images,
      generation_types: types,
      input_media_types: images > 0 ? ['image'] : [],
      ...(tiers ? { resolution_options: Object.keys(tiers) } : {}),
      ...(qualities ? { quality_options: qualities } : {}),
    },
    ...(tiers ? { pricing: { tiers } } : {}),
  });
}

interface VideoNotes {
  types: string[];
  prompt?: number;
  aspects?: string[];
  durations?: string[];
  images?: number;
  videos?: number;
  audios?: number;
  sound?: 'toggle' | 'included';
  pricing?: Pricing;
  /** The row's top level says nothing about its inputs, as some rows of the platform do. */
  silentTop?: boolean;
}

function video(id: string, provider: string, credits: number, seconds: number, notes: VideoNotes): Listed {
  const { types, prompt = 2500, aspects = cinema, durations = [], images = 0, videos = 0, audios = 0 } = notes;
  const inputs = [...(images ? ['image'] : []), ...(videos ? ['video'] : []), ...(audios ? ['audio'] : [])];
  return listed(id, provider, 'video', credits, seconds, {
    generation_types: types,
    requires_input_media: !types.includes('text-to-video'),
    input_media_types: notes.silentTop ? [] : inputs,
    capabilities: {
      prompt_max_chars: prompt,
      supports_aspect_ratio: aspects.length > 0,
      aspect_ratio_options: aspects,
      duration_options: durations,
      supports_sound: notes.sound === 'toggle',
      ...(notes.sound ? { video_audio: notes.sound === 'toggle' ? 'toggle_via_sound_param' : 'included' } : {}),
      max_input_images: images,
      max_input_videos: videos,
      max_input_audios: audios,
      generation_types: types,
      input_media_types: inputs,
    },
    ...(notes.pricing ? { pricing: notes.pricing } : {}),
  });
}

const text = ['text-to-video'];
const still = ['image-to-video'];
const both = [...text, ...still];
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `${from + index}s`);

const images: Listed[] = [
  image('z-image', 'Alibaba', 4, 4, { prompt: 5000, aspects: five }),
  image('z-image-hd', 'Alibaba', 6, 5, { prompt: 5000, aspects: five }),
  image('p-image-edit', 'Pruna AI', 6, 8, { prompt: 5000, aspects: [], images: 8, editOnly: true }),
  image('nano-banana', 'Google', 7, 10, { prompt: 5000, aspects: widest }),
  image('nano-banana-edit', 'Google', 7, 16, { prompt: 5000, aspects: widest, images: 10, editOnly: true }),
  image('imagen-4-fast', 'Google', 7, 30, { prompt: 5000, aspects: five }),
  image('imagen-4', 'Google', 13, 33, { prompt: 5000, aspects: five }),
  image('imagen-4-ultra', 'Google', 19, 30, { prompt: 5000, aspects: five }),
  image('seedream-v4', 'ByteDance', 7, 33, { prompt: 2500, aspects: wide }),
  image('seedream-v4-edit', 'ByteDance', 7, 30, { prompt: 2500, aspects: wide, images: 10, editOnly: true }),
  image('seedream-v4-5', 'ByteDance', 9, 21, { prompt: 3000, aspects: wide, qualities: ['basic', 'high'] }),
  image('seedream-v4-5-edit', 'ByteDance', 9, 39, {
    prompt: 3000,
    aspects: wide,
    images: 10,
    editOnly: true,
    qualities: ['basic', 'high'],
  }),
  image('5-lite-text-to-image', 'ByteDance', 12, 38, { prompt: 2995, aspects: wide }),
  image('5-lite-image-to-image', 'ByteDance', 12, 209, { prompt: 2995, aspects: wide, images: 10, editOnly: true }),
  image('flux-2-1K', 'Black Forest Labs', 10, 32, { prompt: 5000, aspects: [...five, '3:2', '2:3', 'auto'] }),
  image('flux-2-2K', 'Black Forest Labs', 13, 41, { prompt: 5000, aspects: [...five, '3:2', '2:3', 'auto'] }),
  image('flux-2-edit-1K', 'Black Forest Labs', 10, 32, { prompt: 5000, aspects: five, images: 8, editOnly: true }),
  image('flux-2-edit-2K', 'Black Forest Labs', 13, 30, { prompt: 5000, aspects: five, images: 8, editOnly: true }),
  image('gpt-1.5-image-medium', 'OpenAI', 10, 34, { prompt: 3000, aspects: ['1:1', '2:3', '3:2'], images: 16 }),
  image('gpt-1.5-image-high', 'OpenAI', 32, 30, { prompt: 3000, aspects: ['1:1', '2:3', '3:2'], images: 16 }),
  image('gpt-image-2', 'OpenAI', 15, 45, {
    prompt: 20000,
    aspects: [...five, 'auto'],
    images: 16,
    tiers: { '1K': 15, '2K': 28, '4K': 52 },
  }),
  image('qwen-text-to-image', 'Alibaba', 10, 15, { prompt: 5000, aspects: five }),
  image('qwen-image-to-image', 'Alibaba', 10, 15, { prompt: 5000, aspects: wide, images: 1, editOnly: true }),
  image('grok-text-to-image', 'xAI', 14, 30, { prompt: 5000, aspects: ['1:1', '2:3', '3:2', '9:16', '16:9'] }),
  image('grok-image-to-image', 'xAI', 14, 30, {
    prompt: 5000,
    aspects: ['1:1', '2:3', '3:2', '9:16', '16:9'],
    images: 1,
    editOnly: true,
  }),
  ...(['', '-2K', '-4K'] as const).flatMap((tier, index) => [
    image(`nano-banana-2${tier}`, 'Google', [14, 17, 25][index] ?? 0, [42, 30, 30][index] ?? 0, {
      prompt: 20000,
      aspects: widest,
      images: 8,
    }),
    image(`nano-banana-pro${tier}`, 'Google', [31, 31, 41][index] ?? 0, [50, 30, 30][index] ?? 0, {
      prompt: 20000,
      aspects: widest,
      images: 8,
    }),
  ]),
  image('logo-maker', 'Recraft', 90, 25, {
    prompt: 10000,
    aspects: [...five, '3:2', '2:3', '1:2', '2:1', '4:5', '5:4'],
  }),
  listed('ad-copy', 'Kubeez', 'image', 50, 30, {}),
  // Cheaper than any other that takes a picture, and good for one thing alone: the one reads no words, the other does.
  listed('photo-cleaner', 'Bria', 'image', 1, 4, {
    generation_types: ['image-to-image'],
    requires_input_media: true,
    input_media_types: ['image'],
    capabilities: { max_input_images: 1, generation_types: ['image-to-image'], input_media_types: ['image'] },
    usage_notes: 'Takes the background away.',
  }),
  image('crisp-upscaler', 'Recraft', 2, 5, { prompt: 500, aspects: [], images: 1, editOnly: true }),
  listed('remove-background', 'Kubeez', 'image', 3, 6, { requires_input_media: true, input_media_types: ['image'] }),
];

const seedance15 = ['480p', '720p', '1080p'].flatMap((size, row) =>
  ['4s', '8s', '12s'].flatMap((length, column) => {
    const silent =
      [
        [12, 24, 48],
        [19, 38, 76],
        [39, 78, 156],
      ][row]?.[column] ?? 0;
    const loud =
      [
        [24, 48, 58],
        [38, 76, 152],
        [78, 156, 312],
      ][row]?.[column] ?? 0;
    const notes: VideoNotes = { types: both, images: 2, aspects: [...cinema, '4:3', '3:4', '21:9'], sound: 'toggle' };
    return [
      video(`seedance-1-5-pro-${size}-${length}`, 'ByteDance', silent, 60, {
        ...notes,
        durations: [length],
        silentTop: true,
      }),
      video(`seedance-1-5-pro-${size}-${length}-audio`, 'ByteDance', loud, 60, {
        ...notes,
        durations: [length],
        sound: 'included',
      }),
    ];
  }),
);

const seedance2 = ['seedance-2', 'seedance-2-fast'].flatMap((family, row) =>
  ['480p', '720p'].flatMap((size, column) => {
    const rate =
      [
        [9, 14],
        [6, 10],
      ][row]?.[column] ?? 0;
    const notes: VideoNotes = {
      types: both,
      images: 9,
      videos: 3,
      audios: 3,
      durations: upTo(4, 15),
      aspects: [...wide, 'adaptive'],
      sound: 'included',
    };
    return [
      video(`${family}-${size}`, 'ByteDance', rate * 5, 90, { ...notes, pricing: { perSecond: rate } }),
      video(`${family}-${size}-video-ref`, 'ByteDance', rate * 5, 90, {
        ...notes,
        types: ['video-to-video'],
        pricing: { perSecond: rate, perReferenceSecond: rate },
      }),
    ];
  }),
);

const kling = [
  video('kling-2-5-image-to-video-pro', 'Kuaishou', 65, 120, { types: still, images: 2 }),
  video('kling-2-5-image-to-video-pro-10s', 'Kuaishou', 125, 180, { types: still, images: 2 }),
  ...['5s', '10s'].flatMap((length, index) => {
    const silent = index === 0 ? 90 : 175;
    const loud = index === 0 ? 175 : 310;
    return [
      video(`kling-2-6-text-to-video-${length}`, 'Kuaishou', silent, 110, { types: text }),
      video(`kling-2-6-text-to-video-${length}-audio`, 'Kuaishou', loud, 110, { types: text, sound: 'included' }),
      video(`kling-2-6-image-to-video-${length}`, 'Kuaishou', silent, 110, { types: still, images: 1 }),
      video(`kling-2-6-image-to-video-${length}-audio`, 'Kuaishou', loud, 110, {
        types: still,
        images: 1,
        sound: 'included',
      }),
    ];
  }),
  ...['720p', '1080p'].flatMap((size, index) => [
    video(`kling-2-6-motion-control-${size}`, 'Kuaishou', index ? 360 : 270, 240, {
      types: still,
      images: 1,
      videos: 1,
      aspects: [],
    }),
    video(`kling-3-0-motion-control-${size}`, 'Kuaishou', index ? 960 : 720, 300, {
      types: still,
      images: 1,
      videos: 1,
      aspects: [],
    }),
  ]),
  ...['std', 'pro'].map((tier, index) =>
    video(`kling-3-0-${tier}`, 'Kuaishou', index ? 125 : 105, 100, {
      types: both,
      images: 2,
      durations: upTo(3, 15),
      sound: 'toggle',
      pricing: { perSecond: index ? 21 : 17, soundPerSecond: 4 },
    }),
  ),
  video('kling-3-0-turbo', 'Kuaishou', 60, 60, {
    types: still,
    images: 1,
    durations: ['5s', '10s'],
    pricing: { perSecond: 12 },
  }),
];

const sora = [
  ...['10s', '15s'].flatMap((length, index) => [
    video(`sora-2-text-to-video-${length}`, 'OpenAI', index ? 85 : 75, 150, { types: text, sound: 'included' }),
    video(`sora-2-image-to-video-${length}`, 'OpenAI', index ? 85 : 75, 150, {
      types: still,
      images: 1,
      sound: 'included',
    }),
    ...['standard', 'hd'].flatMap((grade, column) => {
      const credits =
        [
          [225, 475],
          [390, 790],
        ][index]?.[column] ?? 0;
      return [
        video(`sora-2-pro-text-to-video-${length}-${grade}`, 'OpenAI', credits, 240, {
          types: text,
          sound: 'included',
        }),
        video(`sora-2-pro-image-to-video-${length}-${grade}`, 'OpenAI', credits, 240, {
          types: still,
          images: 1,
          sound: 'included',
        }),
      ];
    }),
  ]),
  ...['10s', '15s', '25s'].map((length, index) =>
    video(`sora-2-pro-storyboard-${length}`, 'OpenAI', [245, 390, 445][index] ?? 0, 240, {
      types: both,
      images: 1,
      sound: 'included',
    }),
  ),
];

const veo = ['veo3-1', 'veo3-1-fast', 'veo3-1-lite'].flatMap((family, index) => {
  const credits = [390, 99, 45][index] ?? 0;
  const notes: VideoNotes = { types: text, prompt: 5000, aspects: ['16:9', '9:16', 'auto'], sound: 'included' };
  return [
    video(`${family}-text-to-video`, 'Google', credits, 80, notes),
    video(`${family}-first-and-last-frames`, 'Google', credits, 80, { ...notes, types: still, images: 2 }),
    ...(family === 'veo3-1-fast'
      ? [
          video(`${family}-reference-to-video`, 'Google', credits, 80, {
            ...notes,
            types: still,
            images: 3,
            aspects: ['16:9'],
          }),
        ]
      : []),
  ];
});

const wan = [
  video('wan-2-5', 'Alibaba', 155, 120, {
    types: both,
    images: 1,
    prompt: 800,
    sound: 'included',
    durations: ['5s', '10s'],
  }),
  ...['5s', '10s'].flatMap((length, row) =>
    ['720p', '1080p'].flatMap((size, column) => {
      const credits =
        [
          [93, 155],
          [186, 310],
        ][row]?.[column] ?? 0;
      return [
        video(`wan-2-5-text-to-video-${length}-${size}`, 'Alibaba', credits, 120, {
          types: text,
          prompt: 800,
          sound: 'included',
        }),
        video(`wan-2-5-image-to-video-${length}-${size}`, 'Alibaba', credits, 120, {
          types: still,
          images: 1,
          prompt: 800,
          sound: 'included',
        }),
      ];
    }),
  ),
];

const otherVideos = [
  ...['720p', '1080p'].flatMap((size, row) =>
    ['5s', '10s'].map((length, column) =>
      video(
        `v1-pro-fast-i2v-${size}-${length}`,
        'ByteDance',
        [
          [40, 80],
          [80, 130],
        ][row]?.[column] ?? 0,
        45,
        { types: still, images: 1, prompt: 5000, durations: [length] },
      ),
    ),
  ),
  video('seedance-2-mini', 'ByteDance', 25, 60, {
    types: both,
    images: 2,
    durations: upTo(4, 10),
    pricing: { perSecond: 5 },
  }),
  video('grok-text-to-video-6s', 'xAI', 65, 60, {
    types: text,
    aspects: ['2:3', '3:2', '1:1', '9:16', '16:9'],
    sound: 'included',
  }),
  video('grok-image-to-video', 'xAI', 65, 60, {
    types: still,
    images: 1,
    aspects: ['2:3', '3:2', '1:1', '9:16', '16:9'],
    sound: 'included',
  }),
  video('p-video', 'Pruna AI', 20, 30, {
    types: both,
    prompt: 2000,
    images: 1,
    audios: 1,
    durations: upTo(1, 20),
    pricing: { perSecond: 4, perAudioSecond: 4 },
  }),
];

const voices =
  'Rachel Drew Clyde Paul Aria Domi Dave Roger Fin Sarah James Jane Juniper Arabella Hope Bradford Reginald Gaming Austin Kuon Blondie Priyanka Alexandra Monika Mark Grimblewood';

const audio = [
  ...['V4', 'V4_5', 'V4_5PLUS', 'V5', 'V5_5'].map((id) =>
    listed(id, 'Suno', 'music', 19, 30, { generation_types: ['text-to-music'] }),
  ),
  listed('suno-lyrics-generation', 'Suno', 'music', 2, 10, {}),
  listed('suno-add-instrumental', 'Suno', 'music', 19, 40, {}),
  listed('suno-add-vocals', 'Suno', 'music', 19, 40, {}),
  listed('text-to-dialogue-v3', 'ElevenLabs', 'speech', 21, 5, {
    generation_types: ['text-to-dialogue'],
    capabilities: { prompt_max_chars: 5000 },
    voice_allowlist: voices.split(' '),
  }),
  listed('auto-caption', 'Kubeez', 'other', 0.5, 60, {
    input_media_types: ['video'],
    pricing: { perReferenceSecond: 0.05 },
  }),
  listed('auto-caption-universal-3-pro', 'AssemblyAI', 'speech', 0.7, 60, { generation_types: ['text-to-dialogue'] }),
  listed('mvsep-40', 'MVSEP', 'separation', 6, 20, {
    input_media_types: ['audio', 'video'],
    pricing: { perMinute: 6 },
  }),
  ...[
    'text-to-sfx',
    'text-to-music',
    'video-to-sfx',
    'video-to-music',
    'video-to-sound',
    'video-to-video-sfx',
    'video-to-video-sound',
  ].map((kind) =>
    listed(`sonilo-${kind}`, 'Sonilo', 'sound', 5, 20, {
      input_media_types: kind.startsWith('video') ? ['video'] : [],
      pricing: kind.startsWith('video') ? { perReferenceSecond: 0.5 } : { perSecond: 0.5 },
    }),
  ),
  listed('sonilo-dubbing', 'Sonilo', 'dubbing', 40, 90, {
    input_media_types: ['video'],
    pricing: { perReferenceSecond: 2 },
  }),
  listed('elevenlabs-dubbing', 'ElevenLabs', 'dubbing', 60, 90, {
    input_media_types: ['video'],
    pricing: { perReferenceSecond: 3 },
  }),
];

const all = [...images, ...seedance15, ...seedance2, ...kling, ...sora, ...veo, ...wan, ...otherVideos, ...audio];

const allRows = JSON.stringify(all.map(({ row }) => row));

/** A fresh copy of the catalogue, which a test may change. */
export const exampleRows = (): Row[] => JSON.parse(allRows);

/** How each row is priced beyond its list price. */
export const pricingOf = new Map(all.map(({ row, pricing }) => [row.model_id, pricing]));
