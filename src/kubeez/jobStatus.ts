import type { OutputAnswer, StatusAnswer } from './answers.ts';
import type { MediaKind } from './model.ts';

/** How a job is followed. */
export type JobKind = 'media' | 'music' | 'separation';

export interface Output {
  url: string;
  /** A smaller rendition. */
  smaller?: string;
  /** A picture of it. */
  poster?: string;
  kind?: MediaKind;
  name?: string;
  /** A picture that belongs to it. */
  cover?: string;
  seconds?: number;
}

export interface JobStatus {
  state: 'running' | 'completed' | 'failed';
  outputs: Output[];
  error: string | null;
  charged: number | null;
  seed: number | null;
}

/** Words for "finished" and "failed" seen on the platform and in its clients; everything else means: still at it. */
const completed = ['completed', 'complete', 'success', 'succeeded', 'done', 'finished', 'ready'];
const failed = ['failed', 'error', 'cancelled', 'canceled'];

/**
 * How a job stands, in words of ours. `completed` without all addresses counts as running (seen on the platform).
 *
 * @param origin where root-relative addresses belong
 */
export function readStatus(kind: JobKind, answer: StatusAnswer, origin: string): JobStatus {
  const word = answer.status.toLowerCase();
  const outputs = results(kind, answer, origin);
  const isDone = completed.includes(word) && outputs !== undefined;
  return {
    state: isDone ? 'completed' : failed.includes(word) ? 'failed' : 'running',
    outputs: isDone ? outputs : [],
    error: answer.error_message ?? answer.error ?? null,
    charged: answer.credits_deducted ?? null,
    seed: answer.seed ?? null,
  };
}

/** The results once every one of them has its address; undefined before. A song's `stream_url` is no result. */
function results(kind: JobKind, answer: StatusAnswer, origin: string): Output[] | undefined {
  switch (kind) {
    case 'media': {
      const { outputs = [] } = answer;
      const ready = readOutputs(outputs, origin);
      return ready.length > 0 && ready.length === outputs.length ? ready : undefined;
    }
    case 'music': {
      const { songs = [] } = answer;
      const ready = songs.flatMap(({ audio_url, cover_image_url, title, duration }) =>
        audio_url === undefined
          ? []
          : [
              {
                url: absolute(audio_url, origin),
                kind: 'audio' as const,
                ...(title === undefined ? {} : { name: title }),
                ...(cover_image_url === undefined ? {} : { cover: absolute(cover_image_url, origin) }),
                ...(duration === undefined ? {} : { seconds: duration }),
              },
            ],
      );
      return ready.length > 0 && ready.length === songs.length ? ready : undefined;
    }
    case 'separation': {
      const { vocals_url, instrumental_url } = answer;
      if (vocals_url === undefined || instrumental_url === undefined) return undefined;
      return [
        { url: absolute(vocals_url, origin), kind: 'audio', name: 'vocals' },
        { url: absolute(instrumental_url, origin), kind: 'audio', name: 'instrumental' },
      ];
    }
  }
}

/** Those results that have their address. */
export function readOutputs(outputs: OutputAnswer[], origin: string): Output[] {
  return outputs.flatMap(({ url, optimized_url, thumbnail_url, media_type, duration }) =>
    url === undefined
      ? []
      : [
          {
            url: absolute(url, origin),
            kind: media_type ?? kindByName(url),
            ...(optimized_url === undefined ? {} : { smaller: absolute(optimized_url, origin) }),
            ...(thumbnail_url === undefined ? {} : { poster: absolute(thumbnail_url, origin) }),
            ...(duration === undefined ? {} : { seconds: duration }),
          },
        ],
  );
}

/** An address in full: some of the platform's have no host. */
export const absolute = (url: string, origin: string): string => new URL(url, origin).href;

/** The kind of a file where nothing else tells it. */
export function kindByName(url: string): MediaKind {
  const path = url.split('?')[0] ?? '';
  if (/\.(mp4|mov|webm|mkv)$/i.test(path)) return 'video';
  return /\.(mp3|wav|ogg|m4a|flac|aac)$/i.test(path) ? 'audio' : 'image';
}
