import { clipSeconds, type Job, type Platform, songSeconds } from './platform.ts';

/** What the start of a job answers. */
export function started(platform: Platform, job: Job): object {
  return {
    generation_id: job.id,
    status: 'pending',
    estimated_time_seconds: platform.row(job.model).estimated_time_seconds / platform.settings.speed,
    estimated_cost_credits: job.cost,
  };
}

/** What a job makes is a film. */
export const isClip = (job: Job) => job.type.endsWith('video') || job.kind === 'captions';

function outputsOf(platform: Platform, job: Job): object[] {
  const isThere = platform.clock.now() >= job.readyAt + platform.settings.cdnLag;
  const at = (path: string) => (isThere ? addressOf(platform, path) : null);
  if (job.kind === 'speech' || (job.kind === 'sound' && !isClip(job)))
    return [{ id: `${job.id}-1`, media_type: 'audio', url: at(`/audio/${job.id}-1.mp3`), duration: songSeconds }];
  const [original, smaller] = isClip(job)
    ? [`/videos/${job.id}.mp4`, `/previews/${job.id}.mp4`]
    : [`/images/${job.id}.png`, `/images/${job.id}-small.png`];
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
  platform.settings.relativeUrls ? path : platform.mediaOrigin + path;

/** How a media job stands. */
export function statusOf(platform: Platform, job: Job): object {
  const status = platform.stateOf(job);
  return platform.settings.said({
    id: job.id,
    status,
    outputs: status === 'completed' ? outputsOf(platform, job) : [],
    ...(job.error && status === 'failed' ? { error_message: job.error } : {}),
    ...(platform.settings.chargesInStatus ? { credits_deducted: job.cost } : {}),
    seed: job.seed,
  });
}

/** A job as the history has it. */
export function historyRow(platform: Platform, job: Job) {
  const status = platform.stateOf(job);
  const row = {
    id: job.id,
    prompt: job.prompt,
    model: job.model,
    generation_type: job.type,
    status,
    created_at: new Date(job.createdAt + platform.settings.clockOffset).toISOString(),
    credits_deducted: job.cost,
    error_message: job.error,
    outputs: status === 'completed' ? outputsOf(platform, job) : [],
  };
  return { ...row, ...platform.settings.said(row) };
}

/** How songs stand. */
export function songsOf(platform: Platform, job: Job): object {
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
  const error = job.error ? { error_message: job.error } : {};
  return platform.settings.said({ status, songs: status === 'failed' ? [] : songs, ...error });
}

/** How a separation stands. */
export function partsOf(platform: Platform, job: Job): object {
  const status = platform.stateOf(job);
  const at = (part: string) => (status === 'completed' ? addressOf(platform, `/audio/${job.id}-${part}.mp3`) : null);
  const error = job.error ? { error_message: job.error } : {};
  return platform.settings.said({ status, vocals_url: at('vocals'), instrumental_url: at('instrumental'), ...error });
}

/** What anybody says in a clip of the stand-in. */
export function spokenWords(): object[] {
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
