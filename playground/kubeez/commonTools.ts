import { z } from 'zod';
import { type Define, mediaArguments, refuse } from './define.ts';
import { historyRow, started } from './jobAnswers.ts';
import type { Platform } from './platform.ts';

/** Tools that every generation of the platform has. */
export function commonTools(tool: Define, platform: Platform): void {
  tool('get_models', 'The catalogue', { model_type: z.string().optional() }, 'read', ({ model_type }) => {
    const models = platform.pricedRows().filter((row) => model_type === undefined || row.model_type === model_type);
    return { models, total_count: models.length };
  });
  tool('get_balance', 'Credits left', {}, 'read', () => {
    const credits = platform.balance();
    return {
      credits,
      message: `You have ${credits} credits.`,
      purchase_url: platform.settings.topUp ?? `${platform.origin}/top-up`,
    };
  });
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
      const media = [...platform.jobs.values()].filter(
        ({ kind, createdAt }) =>
          !['music', 'separation', 'captions'].includes(kind) &&
          platform.clock.now() >= createdAt + platform.settings.historyLag,
      );
      const rows = media.reverse().map((job) => historyRow(platform, job));
      const fits = rows.filter((row) => (!model || row.model === model) && (!status || row.status === status));
      return { generations: fits.slice(0, Math.min(25, limit)) };
    },
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
  tool('generate_media', 'Starts an image or a video; costs credits', mediaArguments, 'pay', (request) =>
    started(platform, platform.start('media', request)),
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
    'pay',
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
  tool(
    'generate_separation',
    'Parts voices and instruments; costs credits',
    { media_url: z.string() },
    'pay',
    (request) => {
      if (platform.ownFile(request.media_url).kind === 'image') refuse('media_url must be a sound or a video.');
      const separation = { ...request, model: 'mvsep-40', prompt: '', generation_type: 'separation' };
      const job = platform.start('separation', separation);
      return { separation_id: job.id, task_id: `task-${job.id}`, status: 'pending' };
    },
  );
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
