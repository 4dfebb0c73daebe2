import { z } from 'zod';
import { captionArguments, captioned, type Define, mediaArguments, refuse } from './define.ts';
import { historyRow, partsOf, songsOf, started, statusOf } from './jobAnswers.ts';
import { clipSeconds, type Platform } from './platform.ts';

/** The tools as the live server was seen to have them (glama.ai/mcp/connectors/com.kubeez/kubeez). */
export function newerTools(tool: Define, platform: Platform): void {
  tool(
    'estimate',
    'The price of a request; nothing is taken',
    {
      ...mediaArguments,
      prompt: z.string().optional(),
      duration: z.union([z.string(), z.number()]).optional(),
      reference_video_seconds: z.number().optional(),
      reference_audio_seconds: z.number().optional(),
    },
    'read',
    (request) => {
      const total_credits = platform.price(request.model, request);
      return { model: request.model, total_credits, breakdown: [{ line: 'job', credits: total_credits }] };
    },
  );
  tool(
    'pick_model',
    'The model for a job, and what it costs',
    {
      modality: z.enum(['image', 'video', 'music', 'speech']),
      images: z.number().int().min(0).optional(),
      videos: z.number().int().min(0).optional(),
      audios: z.number().int().min(0).optional(),
      duration_s: z.number().optional(),
      aspect_ratio: z.string().optional(),
      tier: z.enum(['cheapest', 'quality']).optional(),
      user_named_model: z.string().optional(),
    },
    'read',
    ({ modality, images = 0, videos = 0, audios = 0 }) => {
      const type = `${images > 0 ? 'image' : 'text'}-to-${modality}`;
      const capable = platform
        .pricedRows()
        .filter(
          ({ generation_types, capabilities }) =>
            generation_types.includes(type) &&
            Number(capabilities.prompt_max_chars) > 0 &&
            Number(capabilities.max_input_videos ?? 0) >= videos &&
            Number(capabilities.max_input_audios ?? 0) >= audios,
        )
        .sort((one, other) => one.cost_per_generation - other.cost_per_generation);
      const wanted = platform.settings.picks[type];
      const [primary, ...alternates] = [...capable.filter((row) => row.model_id === wanted), ...capable].map(
        ({ model_id, cost_per_generation }) => ({ model_id, credits: cost_per_generation }),
      );
      return { primary: primary ?? null, alternates: alternates.slice(0, 3), rejected: [], cheaper_option: null };
    },
  );
  tool(
    'get_status',
    'How a job of any kind stands',
    { id: z.string(), kind: z.enum(['media', 'music', 'separation']).optional() },
    'read',
    ({ id }) => {
      const job = platform.job(id);
      if (job.kind === 'music') return { kind: 'music', ...songsOf(platform, job) };
      return job.kind === 'separation' ? { kind: 'separation', ...partsOf(platform, job) } : statusOf(platform, job);
    },
  );
  tool('get_generation', 'One of your media', { id: z.string() }, 'read', ({ id }) =>
    historyRow(platform, platform.job(id)),
  );
  tool(
    'regenerate',
    'Runs one of your media again, with changes; costs as much as a fresh run each',
    {
      id: z.string(),
      prompt: z.string().optional(),
      seed: z.number().optional(),
      aspect_ratio: z.string().optional(),
      negative_prompt: z.string().optional(),
      variant_count: z.number().int().min(1).max(4).optional(),
    },
    'pay',
    ({ id, variant_count = 1, ...changes }) => {
      const { kind, model, prompt, arguments: request } = platform.job(id);
      if (kind !== 'media') refuse('Only media can be regenerated.');
      const { seed: _, ...rest } = request;
      platform.checkRates('media', variant_count);
      const jobs = Array.from({ length: variant_count }, () =>
        platform.start('media', { ...rest, ...withoutUnset(changes), model, prompt: changes.prompt ?? prompt }),
      );
      return { generation_ids: jobs.map((job) => job.id), status: 'pending' };
    },
  );
  tool(
    'generate_dialogue',
    'Starts spoken words; costs credits',
    {
      text: z.string(),
      voice: z.string().optional(),
      provider: z.enum(['elevenlabs', 'google', 'gemini', 'gemini-3.8', 'seed']).optional(),
      language_code: z.string().optional(),
      stability: z.number().optional(),
    },
    'pay',
    ({ text, ...rest }) => {
      if (text.length < 5 || text.length > 5000) refuse('text must have 5 to 5000 characters.');
      const request = {
        ...rest,
        text,
        model: 'text-to-dialogue-v3',
        prompt: text,
        generation_type: 'text-to-dialogue',
      };
      return started(platform, platform.start('speech', request));
    },
  );
  tool(
    'generate_captions',
    'Burns captions into a video and waits for it; costs credits',
    captionArguments,
    'pay',
    async (request) => {
      const job = await captioned(platform, request);
      if (platform.stateOf(job) === 'failed') refuse(String(job.error));
      return { generation_id: job.id, status: 'completed', video_url: `${platform.mediaOrigin}/videos/${job.id}.mp4` };
    },
  );
  tool('remove_background', 'Cuts a picture out; costs credits', { image_url: z.string() }, 'pay', ({ image_url }) => {
    const request = { model: 'remove-background', prompt: '', generation_type: 'remove-background' };
    return started(platform, platform.start('cutout', { ...request, source_media_urls: [image_url] }));
  });
  tool(
    'generate_sound',
    'Effects or music, from words or for a video; billed by the second, no refunds',
    {
      model: z.string(),
      prompt: z.string().max(2000).optional(),
      music_prompt: z.string().max(2000).optional(),
      sfx_prompt: z.string().max(2000).optional(),
      duration: z.number().min(1).max(360).optional(),
      video_url: z.string().optional(),
    },
    'pay',
    (request) => {
      const { model, prompt, music_prompt, sfx_prompt, video_url } = request;
      const isBoth = model.endsWith('-sound');
      if (isBoth && (!music_prompt || !sfx_prompt)) refuse('This model takes music_prompt and sfx_prompt.');
      if (!isBoth && !prompt) refuse('prompt is required.');
      if (model.includes('video-to') && (!video_url || platform.ownFile(video_url).kind !== 'video'))
        refuse('video_url is required.');
      const type = model.includes('video-to-video') ? 'sound-video' : 'sound';
      const words = prompt ?? `${music_prompt} / ${sfx_prompt}`;
      const length = video_url ? {} : { duration: request.duration };
      return started(
        platform,
        platform.start('sound', { ...request, ...length, prompt: words, generation_type: type }),
      );
    },
  );
  tool(
    'generate_dubbing',
    'A video in other languages, one file each; billed by the second, no refunds',
    {
      video_url: z.string(),
      languages: z.array(z.string()).min(1),
      model: z.string().optional(),
      source_language: z.string().optional(),
    },
    'pay',
    ({ video_url, languages, model = 'sonilo-dubbing', ...rest }) => {
      if (platform.ownFile(video_url).kind !== 'video') refuse('video_url must be a video.');
      const request = { ...rest, model, prompt: '', generation_type: 'dubbed-video', source_media_urls: [video_url] };
      const jobs = languages.map((language) => platform.start('dub', { ...request, language }));
      const seconds = platform.row(model).estimated_time_seconds / platform.settings.speed;
      return { generation_ids: jobs.map((job) => job.id), status: 'pending', estimated_time_seconds: seconds };
    },
  );
  tool('open_pricing', 'Where to buy credits', {}, 'read', () => ({
    url: platform.settings.topUp ?? `${platform.origin}/top-up`,
    summary: 'Buy credits',
    current_balance: platform.balance(),
  }));
  tool(
    'trim_video',
    'Cuts a video without loss',
    { source_url: z.string(), start_s: z.number().optional(), end_s: z.number() },
    'act',
    ({ source_url, start_s = 0, end_s }) => {
      const job = [...platform.jobs.values()].find(({ id }) => source_url.includes(id));
      if (!job || end_s <= start_s || end_s > clipSeconds(job)) refuse('The window does not fit the video.');
      return { url: source_url, size_bytes: 1, duration_s: end_s - start_s, start_s, end_s, elapsed_s: 0.1 };
    },
  );
}

const withoutUnset = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
