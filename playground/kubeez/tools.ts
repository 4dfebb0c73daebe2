import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { clipSeconds, type Job, type Platform, songSeconds, ToolRefusal } from './platform.ts';

/** Whether a tool counts as a read, and what comes after its effect (a lost answer, for instance). */
export interface Hooks {
  /** Called before and after every tool, with its name. */
  before(tool: string): Promise<void> | void;
  after(tool: string): Promise<void> | void;
}

const mediaArguments = {
  prompt: z.string().min(1),
  model: z.string(),
  generation_type: z.string().optional(),
  negative_prompt: z.string().optional(),
  source_media_urls: z.union([z.string(), z.array(z.string())]).optional(),
  aspect_ratio: z.string().optional(),
  duration: z.string().optional(),
  quality: z.string().optional(),
  resolution: z.string().optional(),
  sound: z.boolean().optional(),
  seed: z.number().optional(),
};

/** Makes the server of one session, with the tools of the documented generation. */
export function createTools(platform: Platform, hooks: Hooks): McpServer {
  const server = new McpServer({ name: 'kubeez-stand-in', version: '1.0.0' });

  const tool = <Shape extends z.ZodRawShape>(
    name: string,
    description: string,
    inputSchema: Shape,
    kind: 'read' | 'act',
    answerOf: (request: z.infer<z.ZodObject<Shape>>) => object | Promise<object>,
  ) => {
    const schema = z.object(inputSchema);
    server.registerTool(name, { description, inputSchema: schema }, async (request: unknown) => {
      await hooks.before(name);
      let result: CallToolResult;
      try {
        if (kind === 'read') platform.countRead();
        result = resultOf(await answerOf(schema.parse(request)), platform.settings.structured);
      } catch (error) {
        if (!(error instanceof ToolRefusal)) throw error;
        const { status, code, message } = error;
        result = { isError: true, content: [{ type: 'text', text: JSON.stringify({ error: code, status, message }) }] };
      }
      await hooks.after(name);
      return result;
    });
  };

  tool('get_models', 'The catalogue', { model_type: z.string().optional() }, 'read', ({ model_type }) => {
    const models = platform.rows.filter((row) => model_type === undefined || row.model_type === model_type);
    return { models, total_count: models.length };
  });
  tool('get_balance', 'Credits left', {}, 'read', () => ({
    credits: platform.credits,
    message: `You have ${platform.credits} credits.`,
    purchase_url: `${platform.origin}/top-up`,
  }));
  tool(
    'get_generations',
    'Your own media, newest first',
    {
      status: z.string().optional(),
      model: z.string().optional(),
      generation_type: z.string().optional(),
      limit: z.number().optional(),
    },
    'read',
    ({ status, model, limit = 25 }) => {
      // Media alone: songs, separations and captions are not in it.
      const media = [...platform.jobs.values()].filter(({ kind }) => ['media', 'ad', 'speech'].includes(kind));
      const rows = media.reverse().map((job) => historyRow(platform, job));
      const fits = rows.filter((row) => (!model || row.model === model) && (!status || row.status === status));
      return { generations: fits.slice(0, Math.min(25, limit)) };
    },
  );
  tool(
    'estimate_generation_cost',
    'The price of a request; nothing is taken',
    {
      ...mediaArguments,
      prompt: z.string().optional(),
      reference_video_seconds: z.number().optional(),
      reference_audio_seconds: z.number().optional(),
    },
    'read',
    (request) => ({ estimated_cost_credits: platform.price(request.model, request), model: request.model }),
  );
  tool('get_upload_url', 'A link for a person to upload files', { model_id: z.string() }, 'read', ({ model_id }) => {
    const { token } = platform.openUpload(model_id);
    const direct = platform.settings.directUploads ? { direct_upload_url: `${platform.origin}/direct-upload` } : {};
    return { url: `${platform.origin}/upload/${token}`, ...direct, token };
  });
  tool('get_upload_session', 'What was uploaded', { token: z.string() }, 'read', ({ token }) => {
    const files = platform.upload(token).files.map((file) => {
      const isWaiting = file.kind !== 'image' && platform.clock.now() < file.uploadedAt + platform.settings.measureLag;
      const { duration_seconds: _, ...unmeasured } = file;
      return isWaiting ? { ...unmeasured, duration_seconds: undefined, measurement: 'unavailable' as const } : file;
    });
    const media = files.map(({ data: _, id: __, uploadedAt: ___, ...file }) => file);
    const seconds = (kind: string) =>
      files.filter((file) => file.kind === kind).reduce((sum, file) => sum + (file.duration_seconds ?? 0), 0);
    const unknown = files.filter((file) => file.measurement).length;
    return {
      media_urls: files.map((file) => file.url),
      media,
      total_video_seconds: seconds('video'),
      total_audio_seconds: seconds('audio'),
      unknown_duration_count: unknown,
      billing_readiness: unknown === 0 ? 'exact' : 'pessimistic_fallback',
      count: files.length,
    };
  });
  tool('generate_media', 'Starts an image or a video; costs credits', mediaArguments, 'act', (request) =>
    started(platform, platform.start('media', request)),
  );
  tool('get_generation_status', 'How a job stands', { generation_id: z.string() }, 'read', ({ generation_id }) =>
    statusOf(platform, platform.job(generation_id)),
  );
  tool(
    'generate_music',
    'Starts two songs; costs credits',
    {
      prompt: z.string().optional(),
      instrumental: z.boolean().optional(),
      model: z.string().optional(),
      title: z.string().optional(),
      style: z.string().optional(),
      vocal_gender: z.enum(['m', 'f', 'random']).optional(),
      song_description: z.string().optional(),
      lyrics: z.string().optional(),
      negative_tags: z.string().optional(),
    },
    'act',
    (request) => {
      checkSong(request);
      const { model = 'V5_5', lyrics, song_description } = request;
      const prompt = request.prompt ?? lyrics ?? song_description ?? '';
      const job = platform.start('music', { ...request, model, prompt, generation_type: 'text-to-music' });
      const note = 'A description drives a song in simple mode: the voice was chosen by the model.';
      const isSentBack = song_description !== undefined && !request.instrumental;
      return { ...started(platform, job), ...(isSentBack ? { mode_note: note } : {}) };
    },
  );
  tool('get_music_status', 'How songs stand', { generation_id: z.string() }, 'read', ({ generation_id }) => {
    const job = platform.job(generation_id);
    const status = platform.stateOf(job);
    const title = String(job.arguments.title ?? job.prompt.slice(0, 40));
    const songs = [1, 2].map((number) => ({
      id: `${job.id}-${number}`,
      title: `${title} ${number}`,
      audio_url: status === 'completed' ? addressOf(platform, `/audio/${job.id}-${number}.mp3`) : null,
      stream_url: addressOf(platform, `/audio/${job.id}-${number}.mp3`),
      cover_image_url: addressOf(platform, `/posters/${job.id}.png`),
      duration: songSeconds,
    }));
    return { status, songs: status === 'failed' ? [] : songs, ...(job.error ? { error_message: job.error } : {}) };
  });
  tool(
    'generate_dialogue',
    'Starts spoken words; costs credits',
    {
      dialogue: z.array(z.object({ text: z.string(), voice: z.string().optional() })).min(1),
      stability: z.number().optional(),
      language_code: z.string().optional(),
    },
    'act',
    ({ dialogue, ...rest }) => {
      const prompt = dialogue.map(({ text }) => text).join('\n');
      if (prompt.length < 5 || prompt.length > 5000) refuse('The dialogue must have 5 to 5000 characters.');
      const model = platform.row('text-to-dialogue-v3');
      for (const { voice } of dialogue) {
        if (voice !== undefined && !model.voice_allowlist?.includes(voice)) refuse(`Unknown voice: ${voice}`);
      }
      const request = { ...rest, dialogue, model: model.model_id, prompt, generation_type: 'text-to-dialogue' };
      return started(platform, platform.start('speech', request));
    },
  );
  tool(
    'generate_captions',
    'Writes down what is said and waits for it, 1 to 5 minutes; costs credits',
    { media_url: z.string(), language: z.string().optional(), quality: z.enum(['auto', 'best']).optional() },
    'act',
    async (request) => {
      if (platform.ownFile(request.media_url).kind !== 'video') refuse('media_url must be a video.');
      const model = 'auto-caption';
      const job = platform.start('captions', { ...request, model, prompt: '', generation_type: 'captions' });
      await platform.over(job);
      if (platform.stateOf(job) === 'failed') throw new ToolRefusal(422, 'transcription_failed', String(job.error));
      if (platform.settings.captionsAs === 'video')
        return { video_url: `${platform.origin}/videos/${job.id}.mp4`, status: 'completed' };
      return { captions: spokenWords(), language: request.language ?? 'en' };
    },
  );
  tool(
    'generate_separation',
    'Parts voices and instruments; costs credits',
    { media_url: z.string() },
    'act',
    (request) => {
      if (platform.ownFile(request.media_url).kind === 'image') refuse('media_url must be a sound or a video.');
      const separation = { ...request, model: 'mvsep-40', prompt: '', generation_type: 'separation' };
      const job = platform.start('separation', separation);
      return { separation_id: job.id, task_id: `task-${job.id}`, status: 'pending' };
    },
  );
  tool(
    'get_separation_status',
    'How a separation stands',
    { separation_id: z.string() },
    'read',
    ({ separation_id }) => {
      const job = platform.job(separation_id);
      const status = platform.stateOf(job);
      const at = (part: string) =>
        status === 'completed' ? addressOf(platform, `/audio/${job.id}-${part}.mp3`) : null;
      const error = job.error ? { error_message: job.error } : {};
      return { status, vocals_url: at('vocals'), instrumental_url: at('instrumental'), ...error };
    },
  );
  tool(
    'create_ad_copy',
    'Starts ads after the example of another, one job a variant; costs credits',
    {
      reference_ad_url: z.string(),
      product_text: z.string().min(1),
      product_image_url: z.string().optional(),
      language: z.string().optional(),
      variant_count: z.number().int().min(1).max(4).optional(),
      aspect_ratio: z.string().optional(),
    },
    'act',
    (request) => {
      const { reference_ad_url, product_text, variant_count = 1 } = request;
      const { cost_per_generation } = platform.row('ad-copy');
      if (cost_per_generation * variant_count > platform.credits)
        throw new ToolRefusal(402, 'insufficient_credits', 'Insufficient credits.');
      const jobs = Array.from({ length: variant_count }, () =>
        platform.start('ad', {
          ...request,
          model: 'ad-copy',
          prompt: product_text,
          generation_type: 'ad-copy',
          source_media_urls: [reference_ad_url],
        }),
      );
      return { generation_ids: jobs.map((job) => job.id), status: 'pending' };
    },
  );
  return server;
}

function refuse(message: string): never {
  throw new ToolRefusal(422, 'invalid_parameters', message);
}

interface Song {
  prompt?: string | undefined;
  instrumental?: boolean | undefined;
  title?: string | undefined;
  style?: string | undefined;
  vocal_gender?: string | undefined;
  song_description?: string | undefined;
  lyrics?: string | undefined;
}

/** The rules of the two modes (kubeez.com/docs/tools-music). */
function checkSong({ prompt, instrumental, title, style, vocal_gender, song_description, lyrics }: Song): void {
  if (!title !== !style) refuse('title and style belong together.');
  if (!title) {
    if (!prompt?.trim()) refuse('prompt is required.');
    if (prompt && prompt.length > 400) refuse('prompt exceeds 400 characters.');
    return;
  }
  if (!vocal_gender) refuse('vocal_gender is required in custom mode.');
  if (Boolean(song_description) === Boolean(lyrics)) refuse('Give exactly one of song_description and lyrics.');
  if (instrumental && lyrics) refuse('Instrumental songs take song_description only.');
}

/** What anybody says in a clip of the stand-in. */
function spokenWords(): object[] {
  const text =
    'Welcome to the studio. Today we are going to paint a fox in the snow, with nothing but a pencil and a little patience. ' +
    'First we look at the light: it comes from the left, and it is soft. Then we draw.';
  let at = 0.4;
  return text.split(' ').map((word) => {
    const start = at;
    const end = start + 0.12 + word.length * 0.05;
    at = end + (/[.:]$/.test(word) ? 0.9 : 0.06);
    return { word, start: Math.round(start * 1000) / 1000, end: Math.round(end * 1000) / 1000 };
  });
}

function resultOf(answer: object, structured: boolean): CallToolResult {
  const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(answer) }];
  return structured ? { content, structuredContent: { ...answer } } : { content };
}

function started(platform: Platform, job: Job): object {
  return {
    generation_id: job.id,
    status: 'pending',
    estimated_time_seconds: platform.row(job.model).estimated_time_seconds / platform.settings.speed,
    estimated_cost_credits: job.cost,
  };
}

export const isClip = (job: Job) => job.type.endsWith('video');

function outputsOf(platform: Platform, job: Job): object[] {
  const isThere = platform.clock.now() >= job.readyAt + platform.settings.cdnLag;
  const at = (path: string) => (isThere ? addressOf(platform, path) : null);
  if (job.kind === 'speech')
    return [{ id: `${job.id}-1`, media_type: 'audio', url: at(`/audio/${job.id}-1.mp3`), duration: songSeconds }];
  const [original, smaller] = isClip(job)
    ? [`/videos/${job.id}.mp4`, `/previews/${job.id}.mp4`]
    : [`/images/${job.id}.png`, `/images/${job.id}.webp`];
  return [
    {
      id: `${job.id}-1`,
      media_type: isClip(job) ? 'video' : 'image',
      url: at(original),
      thumbnail_url: at(`/posters/${job.id}.png`),
      optimized_url: at(smaller),
      ...(isClip(job) ? { duration: clipSeconds(job) } : {}),
    },
  ];
}

const addressOf = (platform: Platform, path: string) =>
  platform.settings.relativeUrls ? path : platform.origin + path;

function statusOf(platform: Platform, job: Job): object {
  const status = platform.stateOf(job);
  return {
    id: job.id,
    status,
    outputs: status === 'completed' ? outputsOf(platform, job) : [],
    ...(job.error && status === 'failed' ? { error_message: job.error } : {}),
    ...(platform.settings.chargesInStatus ? { credits_deducted: job.cost } : {}),
    seed: job.seed,
  };
}

function historyRow(platform: Platform, job: Job) {
  const status = platform.stateOf(job);
  return {
    id: job.id,
    prompt: job.prompt,
    model: job.model,
    generation_type: job.type,
    status,
    created_at: new Date(job.createdAt).toISOString(),
    credits_deducted: job.cost,
    error_message: job.error,
    outputs: status === 'completed' ? outputsOf(platform, job) : [],
  };
}
